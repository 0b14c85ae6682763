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
use crate::{publish, query, source};

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
        let Payload { site } = serde_json::from_value(payload).map_err(|error| JobError::Fail(error.to_string()))?;
        let Some(site) = self.sites.iter().find(|known| known.name == site).cloned() else { return Ok(()) };
        let now = hub.now();
        let (making, memories) = (site.clone(), self.memories.clone());
        let made = tokio::task::spawn_blocking(move || {
            let signature = source::signature(&making.source);
            let files = source::read(&making.source)?;
            let all = || memories.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = all().remove(&making.name).unwrap_or_default();
            let wish = Wish { trusted: making.trusted, ..Wish::hub(&making.mount, now) };
            let mut made = memory.generate(&files.files, &wish);
            all().insert(making.name, memory);
            made.warnings.extend(files.left_out.into_iter().map(|(source, text)| Warning { source, line: 0, text }));
            Ok::<_, String>((made, files.revision, signature))
        });
        let (made, revision, signature) =
            made.await.map_err(|error| JobError::Fail(error.to_string()))?.map_err(JobError::Retry)?;
        let tx = hub.store.write().await?;
        publish::publish(&tx, &Actor::system("site"), &site, &made, &revision, &signature).await?;
        tx.commit().await?;
        tracing::info!(site = site.name, pages = made.pages.len(), warnings = made.warnings.len(), "a site was built");
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
                jobs::enqueue(&tx, JOB, &site.name, json!({ "site": site.name })).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }
}
