//! What a job is.

use async_trait::async_trait;
use chrono::Duration;
use kernel::Hub;
use serde_json::Value;

/// How a job that did not succeed ends.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Trying again later may help: the network, a lock, a full disk.
    #[error("{0}")]
    Retry(String),
    /// Trying again does not help.
    #[error("{0}")]
    Fail(String),
}

impl From<store::StoreError> for JobError {
    fn from(error: store::StoreError) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<sea_orm::DbErr> for JobError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Retry(error.to_string())
    }
}

/// How often a scheduled job runs.
#[derive(Clone, Copy, Debug)]
pub struct Every(pub Duration);

/// A kind of work, run with a payload from the queue or by schedule (with `null`).
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name in the queue, imperative: `RebuildSite`. It never changes.
    fn name(&self) -> &'static str;

    /// The schedule on which it runs without being asked.
    fn every(&self) -> Option<Every> {
        None
    }

    /// How often it is tried before it counts as failed.
    fn tries(&self) -> i64 {
        10
    }

    /// Does the work. It may run twice when the hub is killed in between, so it must not mind.
    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError>;
}
