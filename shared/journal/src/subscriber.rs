//! Those who answer journal entries.

use async_trait::async_trait;
use store::{StoreError, Tx};

use crate::Entry;

/// Why a subscriber could not answer an entry; it is tried again and parked when that does not help.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self(error.to_string())
    }
}

/// Answers journal entries with rows: never the network, a subprocess or a file. What must leave the process is a row
/// in a queue.
#[async_trait]
pub trait Subscriber: Send + Sync {
    /// The name of its cursor: `tracker/nosy`. It never changes.
    fn name(&self) -> &'static str;

    /// The kinds of events it answers ([`Event::kind`](crate::Event::kind)); others are stepped over.
    fn answers(&self) -> &'static [&'static str];

    /// Whether it may be replayed from the start: true for what only derives (an index), false for what tells people.
    fn derives(&self) -> bool {
        false
    }

    /// Answers one entry within `tx`. "No such issue" is an answer, not a failure.
    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure>;

    /// Answers several entries of its kinds, oldest first; for those who can do that with fewer statements.
    async fn answer_all(&self, tx: &Tx, entries: &[&Entry]) -> Result<(), Failure> {
        for entry in entries {
            self.answer(tx, entry).await?;
        }
        Ok(())
    }
}
