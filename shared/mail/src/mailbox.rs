//! How an app answers a mail address.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::Hub;
use store::{BlobId, StoreError, Tx};

use crate::{InboundId, Message, Rcpt};

/// What a mailbox says to a recipient, before the mail is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// This mailbox answers the address.
    Mine,
    /// Another mailbox may.
    NotMine,
    /// The address belongs here and takes no mail; the sentence goes to the sender.
    Refused(String),
}

/// What became of a mail for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was taken.
    Accepted,
    /// It was taken and waits for a moderator; the sentence says why.
    Held(String),
    /// It was taken and thrown away by a rule; the sentence says which.
    Dropped(String),
    /// It was not; the sentence goes back to the sender.
    Refused(String),
    /// It cannot be told now; the mail is handed over again later.
    Later(String),
}

/// Why a mailbox could not answer; what it wrote is taken back and the mail is handed over again later.
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

/// A mail that came in and is kept.
#[derive(Clone, Debug)]
pub struct Inbound {
    pub spool_id: InboundId,
    /// The bytes as they came, below the Received field of this hub.
    pub raw: Arc<[u8]>,
    /// The name under which the bytes are kept for ever.
    pub blob: BlobId,
    /// The address to which refusals go; empty for the null sender `<>`.
    pub envelope_from: String,
    /// How it came: `smtp`, `lmtp`, `command`; `hub` when the hub itself sent it.
    pub via: String,
    pub received_at: DateTime<Utc>,
    pub message: Message,
}

impl Inbound {
    /// Whether a robot sent it, so that no robot may answer (RFC 3834 section 2).
    pub fn is_automatic(&self) -> bool {
        self.envelope_from.is_empty() || self.message.is_automatic()
    }
}

/// Answers addresses of this hub.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Its name, as rows and logs keep it: `lists`. It never changes.
    fn name(&self) -> &'static str;

    /// Whether it answers this recipient; asked at RCPT, so that a stranger's typing error is told at once.
    async fn accepts(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError>;

    /// Locks what mails for several recipients change, before the first of them is taken: in one order, whatever theirs is,
    /// so that two who take several do not wait for each other in a circle.
    async fn hold(&self, _: &Tx, _: &[Rcpt]) -> Result<(), Failure> {
        Ok(())
    }

    /// Takes a mail for one recipient. Its rows and the mark that this recipient is done are one transaction, which
    /// may hold other recipients and mails too. Only rows: never the network.
    async fn deliver(&self, tx: &Tx, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Failure>;
}
