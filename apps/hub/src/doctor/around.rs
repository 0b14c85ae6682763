//! A mail that goes out through the smarthost and must come back: `guildhall doctor --mail-loop`, and a button of the
//! administrator's mail page.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use jobs::{Job, JobError};
use kernel::Hub;
use mail::{Accepts, Failure, Fate, Inbound, Mailbox, Rcpt, outbound};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{StoreError, Tx};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use super::Finding;
use super::round::{self, Round};
use crate::config::Config;

/// The address of these mails, before a `+`.
const LOCAL: &str = "doctor";
/// For how long such an address takes mail, in milliseconds.
const LIFE: i64 = 24 * 60 * 60 * 1000;
/// How often it is looked whether the mail is there.
const LOOK: Duration = Duration::from_millis(500);

/// Takes the mails of the doctor, and no others: their addresses carry a mark that only hubs on these data can make.
pub struct Around;

#[async_trait]
impl Mailbox for Around {
    fn name(&self) -> &'static str {
        LOCAL
    }

    async fn accepts(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        let (Some((at, given)), true) = (detail(&rcpt.local), rcpt.domain == hub.settings.mail_domain) else {
            return Ok(Accepts::NotMine);
        };
        let is_young = |at: i64| hub.now().timestamp_millis().saturating_sub(at) < LIFE;
        let sound = bool::from(mark(hub, &at).as_bytes().ct_eq(given.as_bytes())) && at.parse().is_ok_and(is_young);
        Ok(if sound { Accepts::Mine } else { Accepts::NotMine })
    }

    async fn deliver(&self, tx: &Tx, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Failure> {
        if let Some(at) = detail(&rcpt.local).and_then(|(at, _)| at.parse().ok()) {
            round::came_back(tx, at, &mail.via).await?;
        }
        Ok(Fate::Accepted)
    }
}

/// When the mail to such an address was asked for, and the mark behind it.
fn detail(local: &str) -> Option<(String, String)> {
    let local = local.to_ascii_lowercase();
    let (at, mark) = local.strip_prefix(LOCAL)?.strip_prefix('+')?.split_once('-')?;
    Some((at.to_owned(), mark.to_owned()))
}

fn mark(hub: &Hub, at: &str) -> String {
    let words = [b"a mail of the doctor ", hub.settings.secret.as_slice(), at.as_bytes()].concat();
    let mut mark = hex::encode(Sha256::digest(words));
    mark.truncate(20);
    mark
}

/// Where the mail that was asked for at this time goes.
pub(super) fn address(hub: &Hub, asked: DateTime<Utc>) -> String {
    let at = asked.timestamp_millis().to_string();
    format!("{LOCAL}+{at}-{}@{}", mark(hub, &at), hub.settings.mail_domain)
}

/// Gives the smarthost the mail that was asked for at this time, the way all mail goes.
async fn send(config: &Config, hub: &Hub, asked: DateTime<Utc>) -> Result<String, String> {
    let (domain, at, to) = (&hub.settings.mail_domain, asked.timestamp_millis(), address(hub, asked));
    let sender = format!("postmaster@{domain}");
    let raw = format!(
        "From: Guildhall <{sender}>\r\nTo: {to}\r\nSubject: A mail that comes back\r\nDate: {}\r\n\
         Message-ID: <{at}.{}@{domain}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\nguildhall doctor sent this to see whether mail comes around.\r\n",
        asked.to_rfc2822(),
        mark(hub, &to),
    );
    outbound::hand_over(&config.mail, &sender, &to, raw.as_bytes(), hub.now()).await
}

/// Sends a mail to the hub itself the way all mail goes, and waits so long for it to come in.
pub async fn mail_loop(config: &Config, hub: &Hub, patience: Duration) -> anyhow::Result<Vec<Finding>> {
    if config.mail.smarthost.is_none() {
        // Told already, with its mend.
        return Ok(vec![]);
    }
    let tx = hub.store.write().await?;
    let asked = round::ask(&tx).await?;
    tx.commit().await?;
    let began = Instant::now();
    leave(config, hub, asked).await?;
    loop {
        let round = round::last(&hub.store.read()).await?.filter(|round| round.asked == asked);
        let is_over = round.as_ref().is_none_or(Round::is_over);
        if is_over || began.elapsed() >= patience {
            return Ok(round.map(|round| round.told(hub, Duration::ZERO)).into_iter().collect());
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn leave(config: &Config, hub: &Hub, asked: DateTime<Utc>) -> Result<(), StoreError> {
    let said = send(config, hub, asked).await;
    let tx = hub.store.write().await?;
    round::left(&tx, asked, said).await?;
    tx.commit().await
}

/// Asks in a transaction for a mail around; [`SendAround`] lets it leave.
pub async fn ask(tx: &Tx) -> Result<(), StoreError> {
    round::ask(tx).await?;
    jobs::enqueue(tx, SendAround::NAME, "", Value::Null).await
}

/// Lets the mail leave that was asked for last, unless it has left.
pub struct SendAround(pub Config);

impl SendAround {
    const NAME: &str = "SendMailAround";
}

#[async_trait]
impl Job for SendAround {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        match round::last(&hub.store.read()).await? {
            Some(round) if round.left.is_none() => Ok(leave(&self.0, hub, round.asked).await?),
            _ => Ok(()),
        }
    }
}
