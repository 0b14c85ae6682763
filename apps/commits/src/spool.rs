//! Reading the records that hooks and forges left, in the order in which they came.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jobs::{Every, Job, JobError, Stop, Task};
use kernel::Hub;
use serde_json::Value;
use store::blobs;
use tokio::sync::Mutex;

use crate::hook::{BELL, FOLDER};
use crate::learn::{LearnError, learn};
use crate::record::{Origin, Record};
use crate::repository::Repository;
use crate::{Refusal, push, query};

/// Where records stand that no push could be made from, below the data directory.
const FAILED: &str = "spool/hooks/failed";
/// How often a record is tried whose program does not answer.
const TRIES: u32 = 20;
/// How often the folder is looked at when nobody rings.
const LOOK: Duration = Duration::from_secs(2);

/// The records of this machine; one reader at a time. Cheap to clone.
#[derive(Clone, Default)]
pub struct Spool(Arc<Mutex<HashMap<String, u32>>>);

impl Spool {
    /// A spool that nobody reads yet.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Makes pushes of all records that wait, in order; how many. A repository whose program does not answer keeps its
    /// later records waiting, the others go on.
    pub async fn drain(&self, hub: &Hub) -> Result<usize, Refusal> {
        let mut tries = self.0.lock().await;
        let (mut done, mut stuck) = (0, HashSet::new());
        for (key, path) in waiting(hub.store.data()) {
            let record = match read(&path) {
                Ok(record) => record,
                Err(reason) => {
                    set_aside(hub.store.data(), &path, &reason)?;
                    continue;
                }
            };
            let of = place(&record);
            if stuck.contains(&of) {
                continue;
            }
            match one(hub, &record).await {
                Ok(()) => {
                    std::fs::remove_file(&path).map_err(store::StoreError::from)?;
                    tries.remove(&key);
                    done += 1;
                }
                Err(Trouble::Never(reason)) => {
                    set_aside(hub.store.data(), &path, &reason)?;
                    tries.remove(&key);
                }
                Err(Trouble::Later(reason)) => {
                    let count = tries.entry(key.clone()).or_default();
                    *count += 1;
                    if *count >= TRIES {
                        set_aside(hub.store.data(), &path, &reason)?;
                        tries.remove(&key);
                    } else {
                        tracing::warn!(record = key, reason, "a push waits");
                        stuck.insert(of);
                    }
                }
            }
        }
        Ok(done)
    }
}

enum Trouble {
    Never(String),
    Later(String),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(_) | Refusal::Asked(_) => Self::Later(refusal.to_string()),
            other => Self::Never(other.to_string()),
        }
    }
}

impl From<sea_orm::DbErr> for Trouble {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<store::StoreError> for Trouble {
    fn from(error: store::StoreError) -> Self {
        Self::Later(error.to_string())
    }
}

async fn one(hub: &Hub, record: &Record) -> Result<(), Trouble> {
    let repository = repository_of(hub, record).await?;
    if query::push_of_record(&hub.store.read(), repository.id, &record.key).await?.is_some() {
        return Ok(());
    }
    let known: BTreeMap<String, String> = query::heads(&hub.store.read(), repository.id).await?;
    let told = match learn(&repository, record, &known).await {
        Ok(told) => told,
        Err(LearnError::Never(reason)) => return Err(Trouble::Never(reason)),
        Err(LearnError::Later(error)) => return Err(Trouble::Later(error.to_string())),
    };
    let raw = serde_json::to_vec(record).map_err(|error| Trouble::Never(error.to_string()))?;
    let tx = hub.store.write().await?;
    if !told.refs.is_empty() {
        let raw = blobs::put(&tx, &raw).await?;
        push::record(&tx, &repository, &record.key, raw, told).await?;
    } else if !told.revised.is_empty() {
        push::revise(&tx, &repository, &told).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The repository that a record belongs to: by its name, else by where its hook ran.
async fn repository_of(hub: &Hub, record: &Record) -> Result<Repository, Trouble> {
    let conn = hub.store.read();
    let found = match (&record.origin, record.repository.as_str()) {
        (Origin::Hook(hooked), "") => query::by_path(&conn, &hooked.directory).await?,
        (_, name) => query::by_name(&conn, name).await?,
    };
    found.ok_or_else(|| {
        let place = place(record);
        Trouble::Never(format!("{place} is not registered; register it with `guildhall commits add NAME {place}`."))
    })
}

/// What a record says of where it belongs.
fn place(record: &Record) -> String {
    match &record.origin {
        Origin::Hook(hooked) if record.repository.is_empty() => hooked.directory.clone(),
        _ => record.repository.clone(),
    }
}

/// The records that wait, oldest first.
fn waiting(data: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(data.join(FOLDER)) else { return vec![] };
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let key = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
            (!key.starts_with('.')).then_some((key, path))
        })
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Result<Record, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("The record cannot be read: {error}."))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("The record makes no sense: {error}."))
}

/// Puts a record away that no push can be made from, with the reason beside it.
fn set_aside(data: &Path, path: &Path, reason: &str) -> Result<(), Refusal> {
    let folder = data.join(FAILED);
    let name = path.file_name().unwrap_or_default();
    tracing::error!(record = ?name, reason, "a push could not be recorded");
    let moved = || -> std::io::Result<()> {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name).with_extension("reason"), reason)?;
        std::fs::rename(path, folder.join(name))
    };
    moved().map_err(|error| Refusal::Store(error.into()))
}

/// A record that stands aside.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Aside {
    pub key: String,
    pub repository: String,
    pub reason: String,
}

/// The records that stand aside, oldest first, at most 200.
pub fn aside(data: &Path) -> Vec<Aside> {
    let Ok(entries) = std::fs::read_dir(data.join(FAILED)) else { return vec![] };
    let mut found: Vec<Aside> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let key = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
            let reason = std::fs::read_to_string(path.with_extension("reason")).unwrap_or_default();
            let repository = read(&path).map(|record| place(&record)).unwrap_or_default();
            Some(Aside { key, repository, reason })
        })
        .collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found.truncate(200);
    found
}

/// Puts every record that stands aside back into the row; how many.
pub fn retry(data: &Path) -> std::io::Result<usize> {
    let found = aside(data);
    for record in &found {
        let name = format!("{}.json", record.key);
        std::fs::rename(data.join(FAILED).join(&name), data.join(FOLDER).join(&name))?;
        let _ = std::fs::remove_file(data.join(FAILED).join(name).with_extension("reason"));
    }
    Ok(found.len())
}

/// Reads the spool when a forge, an administrator or a remote hook asks for it.
pub struct RecordPushes(pub Spool);

#[async_trait]
impl Job for RecordPushes {
    fn name(&self) -> &'static str {
        "RecordPushes"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(chrono::Duration::minutes(1)))
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        self.0.drain(hub).await.map_err(|error| JobError::Retry(error.to_string()))?;
        Ok(())
    }
}

/// Listens for hooks on this machine, and looks into the folder now and then.
pub struct WatchSpool {
    spool: Spool,
    name: String,
}

impl WatchSpool {
    /// A watch on the spool of this hub; each machine has its own.
    pub fn new(spool: Spool, hub: &Hub) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self { spool, name: format!("commits/spool {} {}", host.trim(), hub.settings.data.display()) }
    }
}

#[async_trait]
impl Task for WatchSpool {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn run(&self, hub: &Hub, stop: Stop) {
        let bell = listen(hub.store.data());
        loop {
            if let Err(error) = self.spool.drain(hub).await {
                tracing::warn!(%error, "the records of hooks cannot be read");
            }
            let rung = async {
                match &bell {
                    Some(bell) => drop(bell.accept().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = rung => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        let _ = std::fs::remove_file(hub.store.data().join(BELL));
    }
}

/// The socket on which hooks ring. Without one the folder is looked at all the same.
fn listen(data: &Path) -> Option<tokio::net::UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    let path = data.join(BELL);
    let bound = || -> std::io::Result<tokio::net::UnixListener> {
        std::fs::create_dir_all(data.join(FOLDER))?;
        let _ = std::fs::remove_file(&path);
        let bell = tokio::net::UnixListener::bind(&path)?;
        // Ringing tells nothing and changes nothing; whoever reaches the folder may.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666))?;
        Ok(bell)
    };
    bound()
        .inspect_err(
            |error| tracing::warn!(%error, path = %path.display(), "hooks cannot ring; they wait up to two seconds"),
        )
        .ok()
}
