//! Writing down what became of each recipient, many at a time.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;

use chrono::{DateTime, Duration, Utc};
use kernel::Hub;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use store::{StoreError, Tx};

use super::client::Verdict;
use super::query::{personal_headers, sender};
use super::worker::{Outcome, Way};
use super::{bounce, claim};
use crate::fate::{Fate, Line};
use crate::inbound::{Mailboxes, Spooled, To, keep};

/// How long a mail is tried before it comes back.
const PATIENCE: Duration = Duration::days(5);
/// How long all mail rests when the smarthost is not there: no longer each time, so that it leaves soon after its return.
const UNREACHED: Duration = Duration::minutes(1);

/// Where outcomes are written down.
pub(super) struct Ledger {
    pub hub: Hub,
    pub mailboxes: Mailboxes,
    /// Whether there is a smarthost; without one a mail rests when the mailboxes of this hub have got it.
    pub leaves: bool,
}

impl Ledger {
    /// Writes down outcomes in one transaction: states, mail for this hub, bounces, and claims that have come to their end.
    pub(super) async fn record(&self, outcomes: &[Outcome]) -> Result<(), StoreError> {
        let failed = failures(outcomes, self.hub.now());
        let bounces = bounce::plan(&self.hub, &self.mailboxes, outcomes, &failed).await?;
        let tx = self.hub.store.write().await?;
        let mut changes: BTreeMap<Change<'_>, Vec<i64>> = BTreeMap::new();
        for (outcome, rcpt, verdict) in each(outcomes) {
            let rcpt = &outcome.job.mail.rcpts[rcpt];
            let (state, due, reply) = match verdict {
                Verdict::Sent(reply) => ("sent", None, reply),
                Verdict::Failed(reply) => ("failed", None, reply),
                Verdict::Later(reply) | Verdict::Unreached(reply) if failed.contains(&rcpt.id) => {
                    ("failed", None, reply)
                }
                Verdict::Later(reply) => ("waiting", Some(tx.now() + pause(rcpt.tries)), reply),
                Verdict::Unreached(reply) => ("waiting", Some(tx.now() + UNREACHED), reply),
            };
            let tries = if matches!(verdict, Verdict::Unreached(_)) { 0 } else { 1 };
            changes.entry(Change { state, due, reply, tries }).or_default().push(rcpt.id);
        }
        for (change, rcpts) in changes {
            mark(&tx, &change, &rcpts).await?;
        }
        keep_here(&tx, outcomes).await?;
        bounce::send(&tx, &self.hub, bounces).await?;
        let ended = ended(outcomes);
        match self.leaves {
            true => claim::release(&tx, &ended).await?,
            false => claim::park_all(&tx, &ended).await?,
        }
        tx.commit().await?;
        for outcome in outcomes {
            outcome.job.mail.open.fetch_sub(outcome.job.rcpts.len(), Ordering::Relaxed);
            log(outcome, &failed);
        }
        Ok(())
    }
}

/// Puts the mail for mailboxes of this hub into the spool, in the transaction that says that they have got it.
async fn keep_here(tx: &Tx, outcomes: &[Outcome]) -> Result<(), StoreError> {
    for outcome in outcomes.iter().filter(|outcome| outcome.job.way == Way::Here) {
        let mail = &outcome.job.mail;
        let rcpts = outcome.job.rcpts.iter().map(|at| &mail.rcpts[*at]);
        let copies: Vec<(Vec<u8>, String, crate::Rcpt)> = rcpts
            .filter_map(|rcpt| {
                let token = rcpt.token.as_deref();
                let personal = personal_headers(&mail.templates, &rcpt.address, token);
                let raw = [personal.as_bytes(), &mail.raw].concat();
                Some((raw, sender(&mail.return_path, &rcpt.address, token), crate::Rcpt::parse(&rcpt.address)?))
            })
            .collect();
        let mails: Vec<Spooled<'_>> = copies
            .iter()
            .map(|(raw, from, rcpt)| Spooled { raw, from, via: "hub", dsn: None, rcpts: vec![To::new(rcpt)] })
            .collect();
        for mails in mails.chunks(200) {
            keep(tx, mails).await?;
        }
    }
    Ok(())
}

/// What is written of recipients that fared alike.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Change<'a> {
    state: &'static str,
    /// When they are due again.
    due: Option<DateTime<Utc>>,
    reply: &'a str,
    /// By how many tries it counts.
    tries: i64,
}

/// Each recipient's position and verdict.
pub(super) fn each(outcomes: &[Outcome]) -> impl Iterator<Item = (&Outcome, usize, &Verdict)> {
    outcomes.iter().flat_map(|outcome| {
        outcome.job.rcpts.iter().zip(&outcome.verdicts).map(move |(rcpt, verdict)| (outcome, *rcpt, verdict))
    })
}

/// The recipients that are given up: refused for good, or put off for too long.
fn failures(outcomes: &[Outcome], now: DateTime<Utc>) -> HashSet<i64> {
    each(outcomes)
        .filter(|(outcome, _, verdict)| match verdict {
            Verdict::Sent(_) => false,
            Verdict::Failed(_) => true,
            Verdict::Later(_) | Verdict::Unreached(_) => now - outcome.job.mail.created_at > PATIENCE,
        })
        .map(|(outcome, rcpt, _)| outcome.job.mail.rcpts[rcpt].id)
        .collect()
}

/// Mails of which these outcomes are the last ones.
fn ended(outcomes: &[Outcome]) -> Vec<i64> {
    let mut open: BTreeMap<i64, usize> = BTreeMap::new();
    for outcome in outcomes {
        let mail = &outcome.job.mail;
        let left = open.entry(mail.id).or_insert_with(|| mail.open.load(Ordering::Relaxed));
        *left = left.saturating_sub(outcome.job.rcpts.len());
    }
    open.into_iter().filter(|(_, left)| *left == 0).map(|(mail, _)| mail).collect()
}

/// How long a recipient rests: 30 seconds, doubling, at most 2 hours; with a little luck in it, so that not all come
/// at once.
fn pause(tries: i64) -> Duration {
    let whole = Duration::seconds(30_i64 << tries.clamp(0, 8)).min(Duration::hours(2));
    whole + Duration::milliseconds(whole.num_milliseconds() * (rand::random::<u8>() / 32) as i64 / 100)
}

/// One statement, however many recipients fared alike.
async fn mark(tx: &Tx, change: &Change<'_>, rcpts: &[i64]) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let among = match backend {
        DbBackend::Postgres => "SELECT value::bigint FROM jsonb_array_elements_text($5::jsonb) AS value",
        _ => "SELECT value FROM json_each($5)",
    };
    let sql = format!(
        "UPDATE mail_out_rcpt SET state = $1, due_at = $2, reply = $3, done_at = $4, tries = tries + $6 \
         WHERE id IN ({among}) AND state = 'waiting'"
    );
    let done = change.due.is_none().then(|| tx.now());
    let ids = serde_json::json!(rcpts).to_string();
    let reply: String = change.reply.chars().take(500).collect();
    let values = [change.state.into(), change.due.into(), reply.into(), done.into(), ids.into(), change.tries.into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// One line for all that fared alike, to be found by `grep`.
fn log(outcome: &Outcome, failed: &HashSet<i64>) {
    let mail = &outcome.job.mail;
    let mut alike: BTreeMap<(&str, &str), (Fate, Vec<String>)> = BTreeMap::new();
    for (rcpt, verdict) in outcome.job.rcpts.iter().zip(&outcome.verdicts) {
        let rcpt = &mail.rcpts[*rcpt];
        let (fate, reply) = match verdict {
            Verdict::Sent(reply) => (Fate::Sent, reply),
            Verdict::Later(reply) | Verdict::Unreached(reply) if !failed.contains(&rcpt.id) => {
                (Fate::DeferredOut, reply)
            }
            Verdict::Failed(reply) | Verdict::Later(reply) | Verdict::Unreached(reply) => (Fate::Bounced, reply),
        };
        alike.entry((fate.word(), reply)).or_insert((fate, vec![])).1.push(rcpt.address.clone());
    }
    for ((_, reply), (fate, to)) in alike {
        let from = sender(&mail.return_path, &to[0], None);
        let (message_id, about, reply) = (mail.message_id.clone(), mail.about.clone(), reply.to_owned());
        Line { fate, message_id, from, to, number: mail.id, about, reply }.tell();
    }
}
