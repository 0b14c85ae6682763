//! Building on a push, and when the files of a folder change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::Duration;
use jobs::{Every, Job, JobError};
use journal::{Entry, Event, Failure, Subscriber};
use kernel::Hub;
use people::Actor;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;

use crate::config::{Site, Source};
use crate::generate::{Memory, Warning, Wish};
use crate::publish::{self, Built};
use crate::{query, source};

/// The name of the job that builds a site.
pub const JOB: &str = "RebuildSite";

/// A push to the repository of a site asks for a build.
pub struct Rebuild {
    pub sites: Arc<[Site]>,
}

#[async_trait]
impl Subscriber for Rebuild {
    fn name(&self) -> &'static str {
        "site/rebuild"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["CommitsPushed"]
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let Event::CommitsPushed { repository, .. } = &entry.event else { return Ok(()) };
        for site in self.sites.iter().filter(|site| site.repository == *repository) {
            jobs::enqueue(tx, JOB, &site.name, json!({ "site": site.name })).await?;
        }
        Ok(())
    }
}

/// `RebuildSite`: reads the source, makes the pages, publishes them at once.
pub struct RebuildSite {
    pub sites: Arc<[Site]>,
    /// What the last build of each site learnt; a build takes it out and puts it back.
    pub memories: Arc<Mutex<HashMap<String, Memory>>>,
}

#[derive(Deserialize)]
struct Payload {
    site: String,
    /// Whether it builds nothing when the source is the one that is shown: somebody else was quicker.
    #[serde(default)]
    if_changed: bool,
}

/// Asks for a build of a site whose source has been found to differ from what is shown.
pub(crate) async fn ask_if_changed(tx: &Tx, site: &Site) -> Result<(), store::StoreError> {
    jobs::enqueue(tx, JOB, &site.name, json!({ "site": site.name, "if_changed": true })).await
}

#[async_trait]
impl Job for RebuildSite {
    fn name(&self) -> &'static str {
        JOB
    }

    fn tries(&self) -> i64 {
        5
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let asked: Payload = serde_json::from_value(payload).map_err(|error| JobError::Fail(error.to_string()))?;
        let Some(site) = self.sites.iter().find(|known| known.name == asked.site).cloned() else { return Ok(()) };
        // Before the source is read: what is shown later may have been made from a later state of it.
        let before = query::shown_build(&hub.store.read(), &site.name).await?;
        let known = before.as_ref().filter(|_| asked.if_changed).map(|build| build.signature.clone());
        let now = hub.now();
        let (making, memories) = (site.clone(), self.memories.clone());
        let built = tokio::task::spawn_blocking(move || {
            let signature = source::signature(&making.source);
            if known.is_some_and(|known| known == signature) {
                return Ok(None);
            }
            let files = source::read(&making.source)?;
            let all = || memories.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = all().remove(&making.name).unwrap_or_default();
            let wish = Wish { trusted: making.trusted, ..Wish::hub(&making.mount, now) };
            let mut made = memory.generate(&files.files, &wish);
            all().insert(making.name, memory);
            made.warnings.extend(files.left_out.into_iter().map(|(source, text)| Warning { source, line: 0, text }));
            Ok::<_, String>(Some(Built { made, revision: files.revision, signature }))
        });
        let built = built.await.map_err(|error| JobError::Fail(error.to_string()))?.map_err(JobError::Retry)?;
        let Some(built) = built else { return Ok(()) };
        let tx = hub.store.write().await?;
        if publish::publish(&tx, &Actor::system("site"), &site, before.as_ref(), &built).await?.is_none() {
            return Err(JobError::Retry("Another build of the site was shown while this one was made".into()));
        }
        tx.commit().await?;
        let (pages, warnings) = (built.made.pages.len(), built.made.warnings.len());
        tracing::info!(site = site.name, pages, warnings, "a site was built");
        Ok(())
    }
}

/// `WatchFolders`: a site whose source is a folder is built again when its files change.
pub struct WatchFolders {
    pub sites: Arc<[Site]>,
}

#[async_trait]
impl Job for WatchFolders {
    fn name(&self) -> &'static str {
        "WatchFolders"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::seconds(5)))
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        for site in self.sites.iter().filter(|site| matches!(site.source, Source::Place { .. })) {
            let watched = site.source.clone();
            let signature = tokio::task::spawn_blocking(move || source::signature(&watched)).await;
            let signature = signature.map_err(|error| JobError::Fail(error.to_string()))?;
            let shown = query::shown_build(&hub.store.read(), &site.name).await?;
            if shown.is_none_or(|build| build.signature != signature) {
                let tx = hub.store.write().await?;
                ask_if_changed(&tx, site).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }
}
