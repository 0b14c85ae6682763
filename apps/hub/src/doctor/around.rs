//! A mail that goes out through the smarthost and must come back: `guildhall doctor --mail-loop`.

use std::time::Duration;

use async_trait::async_trait;
use kernel::Hub;
use mail::inbound::{InboxFilter, inbox};
use mail::{Accepts, Failure, Fate, Inbound, Mailbox, Rcpt, outbound};
use sha2::{Digest, Sha256};
use store::{StoreError, Tx};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use super::{Finding, Notes};
use crate::config::Config;

/// The address of these mails, before a `+`.
const LOCAL: &str = "doctor";
/// For how long such an address takes mail, in milliseconds.
const LIFE: i64 = 24 * 60 * 60 * 1000;
/// How often it is looked whether the mail is there, and among how many.
const LOOK: Duration = Duration::from_millis(500);
const NEWEST: u64 = 1_000;

/// Takes the mails of the doctor, and no others: their addresses carry a mark that only hubs on these data can make.
pub struct Around;

#[async_trait]
impl Mailbox for Around {
    fn name(&self) -> &'static str {
        LOCAL
    }

    async fn accepts(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        let detail = rcpt.local.to_ascii_lowercase();
        let detail =
            detail.strip_prefix(LOCAL).and_then(|rest| rest.strip_prefix('+')).and_then(|rest| rest.split_once('-'));
        let (Some((at, given)), true) = (detail, rcpt.domain == hub.settings.mail_domain) else {
            return Ok(Accepts::NotMine);
        };
        let is_young = |at: i64| hub.now().timestamp_millis().saturating_sub(at) < LIFE;
        let sound = bool::from(mark(hub, at).as_bytes().ct_eq(given.as_bytes())) && at.parse().is_ok_and(is_young);
        Ok(if sound { Accepts::Mine } else { Accepts::NotMine })
    }

    async fn deliver(&self, _: &Tx, _: &Rcpt, _: &Inbound) -> Result<Fate, Failure> {
        Ok(Fate::Accepted)
    }
}

fn mark(hub: &Hub, at: &str) -> String {
    let words = [b"a mail of the doctor ", hub.settings.secret.as_slice(), at.as_bytes()].concat();
    let mut mark = hex::encode(Sha256::digest(words));
    mark.truncate(20);
    mark
}

/// Sends a mail to the hub itself the way all mail goes, and waits so long for it to come in.
pub async fn mail_loop(config: &Config, hub: &Hub, patience: Duration) -> anyhow::Result<Vec<Finding>> {
    let mut notes = Notes::of("loop");
    if config.mail.smarthost.is_none() {
        // Told already, with its mend.
        return Ok(notes.found);
    }
    let (domain, now) = (&hub.settings.mail_domain, hub.now());
    let at = now.timestamp_millis().to_string();
    let to = format!("{LOCAL}+{at}-{}@{domain}", mark(hub, &at));
    let sender = format!("postmaster@{domain}");
    let raw = format!(
        "From: Guildhall <{sender}>\r\nTo: {to}\r\nSubject: A mail that comes back\r\nDate: {}\r\n\
         Message-ID: <{at}.{}@{domain}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\nguildhall doctor sent this to see whether mail comes around.\r\n",
        now.to_rfc2822(),
        mark(hub, &to),
    );
    let began = Instant::now();
    let reply = match outbound::hand_over(&config.mail, &sender, &to, raw.as_bytes(), now).await {
        Ok(reply) => reply,
        Err(why) => {
            notes.fault(
                format!("A mail to the hub itself did not leave: {}.", why.trim_end_matches('.')),
                "See what the smarthost asks of who sends, and whether it takes mail from this machine (docs/admin/mail.md).",
            );
            return Ok(notes.found);
        }
    };
    let filter = InboxFilter { limit: NEWEST, ..InboxFilter::default() };
    loop {
        let come = inbox(&hub.store.read(), &filter).await?.into_iter().find(|rcpt| rcpt.address == to);
        if let Some(come) = come {
            let seconds = began.elapsed().as_secs();
            notes.good(format!(
                "A mail to the hub itself came around in {seconds} s, in by {}",
                come.via.split(' ').next().unwrap_or_default().to_uppercase()
            ));
            return Ok(notes.found);
        }
        if began.elapsed() >= patience {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    notes.fault(
        format!(
            "A mail to the hub itself left (the smarthost said \"{reply}\") and was not back after {} s.",
            patience.as_secs()
        ),
        format!(
            "See in the log of the smarthost where it took {to}: the MX of {domain} must lead to a server that hands it to `lmtp` or `smtp` (docs/admin/mail.md). Behind slow servers wait longer: --mail-loop=600."
        ),
    );
    Ok(notes.found)
}
