//! Telling whoever sent a mail that it did not arrive.

use std::collections::{BTreeMap, HashSet};

use kernel::Hub;
use store::{StoreError, Tx};

use super::client::Verdict;
use super::query::sender;
use super::record::each;
use super::worker::Outcome;
use crate::inbound::{Mailboxes, Route, Spooled, To, keep};
use crate::report::{self, Action, Asked, Report};
use crate::{Message, Rcpt};

/// A report on its way to an envelope sender.
pub(super) struct Bounce {
    to: Rcpt,
    /// Whether a mailbox of this hub answers the address.
    here: bool,
    reports: Vec<Report>,
    /// The header of the mail that did not arrive.
    raw: Vec<u8>,
}

/// Makes a report for each envelope sender; the null sender gets none (RFC 5321 section 6.1).
pub(super) async fn plan(
    hub: &Hub,
    mailboxes: &Mailboxes,
    outcomes: &[Outcome],
    failed: &HashSet<i64>,
) -> Result<Vec<Bounce>, StoreError> {
    let mut found: BTreeMap<(i64, String), Bounce> = BTreeMap::new();
    for (outcome, at, verdict) in each(outcomes) {
        let mail = &outcome.job.mail;
        let rcpt = &mail.rcpts[at];
        let text = match verdict {
            Verdict::Failed(text) | Verdict::Later(text) | Verdict::Unreached(text) if failed.contains(&rcpt.id) => {
                text
            }
            _ => continue,
        };
        let from = sender(&mail.return_path, &rcpt.address, rcpt.token.as_deref());
        let Some(to) = Rcpt::parse(&from) else { continue };
        let failure = Report {
            recipient: rcpt.address.clone(),
            action: Action::Failed,
            status: status(text),
            diagnostic: text.clone(),
        };
        let key = (mail.id, from);
        if let Some(known) = found.get_mut(&key) {
            known.reports.push(failure);
            continue;
        }
        let here = matches!(mailboxes.route(hub, &to).await?, Route::Mailbox(_));
        found.insert(key, Bounce { to, here, reports: vec![failure], raw: head(&mail.raw) });
    }
    Ok(found.into_values().collect())
}

/// Keeps reports for mailboxes of this hub, and queues those for others.
pub(super) async fn send(tx: &Tx, hub: &Hub, bounces: Vec<Bounce>) -> Result<(), StoreError> {
    let host = &hub.settings.mail_domain;
    let (here, elsewhere): (Vec<_>, Vec<_>) = bounces.into_iter().partition(|bounce| bounce.here);
    for bounce in &elsewhere {
        let original = Message::parse(&bounce.raw);
        report::send(tx, host, &bounce.to.address, &bounce.raw, &original, &bounce.reports, &Asked::default()).await?;
    }
    let written: Vec<(Vec<u8>, &Rcpt)> = here
        .iter()
        .map(|bounce| {
            let original = Message::parse(&bounce.raw);
            let bytes = report::write(
                host,
                &bounce.to.address,
                &bounce.raw,
                &original,
                &bounce.reports,
                &Asked::default(),
                tx.now(),
            )
            .0;
            (bytes, &bounce.to)
        })
        .collect();
    for group in written.chunks(200) {
        let mails: Vec<Spooled<'_>> = group
            .iter()
            .map(|(raw, to)| Spooled { raw, from: "", via: "bounce", dsn: None, rcpts: vec![To::new(to)] })
            .collect();
        keep(tx, &mails).await?;
    }
    Ok(())
}

/// The enhanced status of a reply, or the class of its code (RFC 3463).
fn status(reply: &str) -> String {
    let mut words = reply.split_whitespace();
    let code = words.next().unwrap_or_default();
    let is_status = |word: &&str| {
        let parts: Vec<_> = word.split('.').collect();
        parts.len() == 3
            && parts.iter().all(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()))
    };
    match words.next().filter(is_status) {
        Some(status) => status.to_owned(),
        None if code.starts_with('5') => "5.0.0".to_owned(),
        // It was put off until nobody wanted to wait any longer.
        None => "5.4.7".to_owned(),
    }
}

fn head(raw: &[u8]) -> Vec<u8> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len());
    raw[..end.min(64_000)].to_vec()
}
