//! What the hub does for itself once an hour: ended sessions go away, and SQLite looks how its tables have grown.

use async_trait::async_trait;
use chrono::Duration;
use jobs::{Every, Job, JobError};
use kernel::Hub;
use serde_json::Value;

/// Deletes sessions that have ended.
pub struct SweepSessions;

#[async_trait]
impl Job for SweepSessions {
    fn name(&self) -> &'static str {
        "SweepSessions"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::hours(1)))
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        let tx = hub.store.write().await?;
        web::session::sweep(&tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Lets the database learn how its tables have grown.
pub struct AnalyzeTables;

#[async_trait]
impl Job for AnalyzeTables {
    fn name(&self) -> &'static str {
        "AnalyzeTables"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::hours(1)))
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        Ok(hub.store.analyze().await?)
    }
}
