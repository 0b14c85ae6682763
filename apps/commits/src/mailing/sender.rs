//! The address from which commit mail comes: bounces end here, and people are told whom to write to.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::Hub;
use mail::{Accepts, Failure, Fate, Inbound, Mailbox, Rcpt};
use store::{StoreError, Tx};

use crate::Config;

/// Answers `commits@`, unless a list has that address.
pub struct SenderMailbox(pub Arc<Config>);

#[async_trait]
impl Mailbox for SenderMailbox {
    fn name(&self) -> &'static str {
        "commits"
    }

    async fn accepts(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        let mine = rcpt.local.eq_ignore_ascii_case(&self.0.sender) && rcpt.domain == hub.settings.mail_domain;
        Ok(if mine { Accepts::Mine } else { Accepts::NotMine })
    }

    async fn deliver(&self, _: &Tx, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Failure> {
        if mail.is_automatic() {
            tracing::info!(subject = mail.message.subject, "an answer to commit mail came from a robot");
            return Ok(Fate::Accepted);
        }
        Ok(Fate::Refused(format!(
            "Nobody reads {}: commits are mailed from it. Write to the author of the commit.",
            rcpt.address
        )))
    }
}
