//! Handing kept mail to its mailboxes, each recipient exactly once.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use jobs::Stop;
use kernel::Hub;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{BlobId, StoreError, Tuples, Tx, blobs};

use super::{BELL, InboundId, Mailboxes, Route, spool};
use crate::dsn::{OfMail, OfRcpt};
use crate::entity::{inbound, inbound_rcpt};
use crate::{Failure, Fate, Inbound, Message, Rcpt, fate, report};

/// Recipients handed over in one transaction.
const BATCH: u64 = 100;
/// Bytes of mail in one transaction, beyond the first mail.
const BYTES: i64 = 16 << 20;
/// The safety net below the bell, which other processes on the same database do not ring.
const POLL: Duration = Duration::from_secs(1);
/// The shortest time between two rounds: in a burst mails gather meanwhile, and each round costs a synced commit that
/// the spool would rather have. A single mail after a quiet moment does not wait.
const GATHER: Duration = Duration::from_millis(20);
/// Tries after which a mail is given up and its sender told; with the pauses between them about two days.
const TRIES: i64 = 20;

/// Hands over whatever waits, until `stop`.
pub async fn run(hub: Hub, mailboxes: Mailboxes, stop: Stop) {
    let mut bell = hub.store.bell(BELL);
    let mut failures = 0_u32;
    while !stop.is_cancelled() {
        bell.mark_unchanged();
        let began = tokio::time::Instant::now();
        let pause = match deliver_pending(&hub, &mailboxes).await {
            Ok(_) => {
                failures = 0;
                POLL
            }
            Err(error) => {
                failures += 1;
                if failures == 1 {
                    tracing::error!(%error, "delivery of inbound mail waits for the database");
                }
                Duration::from_secs(u64::from(Ord::min(failures, 30)))
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = bell.changed(), if failures == 0 => tokio::time::sleep_until(began + GATHER).await,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Hands over everything that is due; how many recipients were done.
pub async fn deliver_pending(hub: &Hub, mailboxes: &Mailboxes) -> Result<u64, StoreError> {
    let mut done = 0;
    loop {
        let mut due = due(hub).await?;
        if due.is_empty() {
            return Ok(done);
        }
        let (mails, wishes) = load(hub, &mut due).await?;
        let round = Round { hub, mailboxes, mails, wishes };
        done += due.len() as u64;
        if !round.together(&due).await? {
            for rcpt in &due {
                round.alone(rcpt).await?;
            }
        }
    }
}

async fn due(hub: &Hub) -> Result<Vec<inbound_rcpt::Model>, StoreError> {
    Ok(inbound_rcpt::Entity::find()
        .filter(inbound_rcpt::Column::DueAt.lte(hub.now()))
        .order_by_asc(inbound_rcpt::Column::DueAt)
        .order_by_asc(inbound_rcpt::Column::Id)
        .limit(BATCH)
        .all(&hub.store.read())
        .await?)
}

/// The mails of these recipients, each read and parsed once, and what their senders want to be told. One whose bytes are damaged is left out; recipients of
/// mails that are too much for one transaction are taken off the list, for the next round.
async fn load(
    hub: &Hub,
    due: &mut Vec<inbound_rcpt::Model>,
) -> Result<(HashMap<i64, Inbound>, HashMap<i64, String>), StoreError> {
    let read = hub.store.read();
    let ids: Vec<i64> = due.iter().map(|rcpt| rcpt.mail_id).collect();
    let mut rows = inbound::Entity::find().filter(inbound::Column::Id.is_in(ids)).all(&read).await?;
    let mut bytes = 0;
    rows.retain(|row| {
        let first = bytes == 0;
        bytes += row.size;
        first || bytes <= BYTES
    });
    due.retain(|rcpt| rows.iter().any(|row| row.id == rcpt.mail_id));
    let (mut mails, mut wishes) = (HashMap::with_capacity(rows.len()), HashMap::new());
    for row in rows {
        if let Some(dsn) = row.dsn.clone() {
            wishes.insert(row.id, dsn);
        }
        let blob = BlobId(row.blob);
        match blobs::get(&hub.store, &read, &blob).await {
            Ok(bytes) => {
                let message = Message::parse(&bytes);
                let mail = Inbound {
                    spool_id: InboundId(row.id),
                    raw: Arc::from(bytes),
                    blob,
                    envelope_from: row.envelope_from,
                    via: row.via,
                    received_at: row.received_at,
                    message,
                };
                mails.insert(row.id, mail);
            }
            Err(StoreError::Damaged(blob)) => {
                tracing::error!(mail = row.id, blob, "the bytes of an inbound mail are missing");
            }
            Err(error) => return Err(error),
        }
    }
    Ok((mails, wishes))
}

/// One batch, with what it needs.
struct Round<'a> {
    hub: &'a Hub,
    mailboxes: &'a Mailboxes,
    mails: HashMap<i64, Inbound>,
    /// What the senders want to be told, by mail.
    wishes: HashMap<i64, String>,
}

impl Round<'_> {
    /// Hands all over in one transaction; `false` when a mailbox failed and nothing was done.
    async fn together(&self, due: &[inbound_rcpt::Model]) -> Result<bool, StoreError> {
        let tx = self.hub.store.write().await?;
        let mut accepted = Vec::new();
        let waiting = self.still_waiting(&tx, due).await?;
        if self.hold(&tx, &waiting).await.is_err() {
            tx.rollback().await?;
            return Ok(false);
        }
        for rcpt in waiting {
            match self.hand_over(&tx, rcpt).await {
                Ok(Fate::Accepted) => accepted.push(rcpt),
                Ok(fate) => self.note(&tx, rcpt, fate).await?,
                Err(failure) if due.len() == 1 => {
                    tx.rollback().await?;
                    self.failed(rcpt, &failure).await?;
                    return Ok(true);
                }
                Err(_) => {
                    tx.rollback().await?;
                    return Ok(false);
                }
            }
        }
        for rcpt in &accepted {
            self.tell_of_arrival(&tx, rcpt).await?;
        }
        mark(&tx, &accepted, "done", None, "").await?;
        tx.commit().await?;
        for rcpt in accepted {
            line(rcpt, self.mails.get(&rcpt.mail_id), fate::Fate::Accepted, "").tell();
        }
        Ok(true)
    }

    async fn alone(&self, rcpt: &inbound_rcpt::Model) -> Result<(), StoreError> {
        self.together(std::slice::from_ref(rcpt)).await.map(|_| ())
    }

    /// Those that no other hub has handed over meanwhile, locked where several hubs can be.
    async fn still_waiting<'d>(
        &self,
        tx: &Tx,
        due: &'d [inbound_rcpt::Model],
    ) -> Result<Vec<&'d inbound_rcpt::Model>, StoreError> {
        let mut query = inbound_rcpt::Entity::find()
            .select_only()
            .column(inbound_rcpt::Column::Id)
            .filter(inbound_rcpt::Column::Id.is_in(due.iter().map(|rcpt| rcpt.id)))
            .filter(inbound_rcpt::Column::State.eq("waiting"));
        if tx.get_database_backend() == DbBackend::Postgres {
            query = query
                .lock_with_behavior(sea_orm::sea_query::LockType::Update, sea_orm::sea_query::LockBehavior::SkipLocked);
        }
        let waiting: Vec<i64> = query.tuples().all(tx).await?;
        Ok(due.iter().filter(|rcpt| waiting.contains(&rcpt.id)).collect())
    }

    /// Holds what mails for several recipients change; for one there is nothing that could be held in another order.
    async fn hold(&self, tx: &Tx, rcpts: &[&inbound_rcpt::Model]) -> Result<(), Failure> {
        if rcpts.len() < 2 || tx.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let rcpts: Vec<Rcpt> = rcpts.iter().filter_map(|rcpt| Rcpt::parse(&rcpt.address)).collect();
        self.mailboxes.hold(tx, &rcpts).await
    }

    async fn hand_over(&self, tx: &Tx, row: &inbound_rcpt::Model) -> Result<Fate, Failure> {
        let Some(mail) = self.mails.get(&row.mail_id) else {
            return Err(Failure("The stored bytes of this mail are missing.".into()));
        };
        let Some(rcpt) = Rcpt::parse(&row.address) else {
            return Ok(Fate::Refused(format!("`{}` is not an address.", row.address)));
        };
        let name = match (row.mailbox.as_str(), self.mailboxes.named(&row.mailbox)) {
            (_, Some(mailbox)) => mailbox.name(),
            _ => match self.mailboxes.route(self.hub, &rcpt).await? {
                Route::Mailbox(name) => name,
                Route::Refused(why) => return Ok(Fate::Refused(why)),
                Route::Postmaster | Route::Unknown => return Ok(Fate::Refused(spool::unknown(&rcpt))),
            },
        };
        let Some(mailbox) = self.mailboxes.named(name) else {
            return Err(Failure(format!("The mailbox {name} is missing.")));
        };
        let handing = AssertUnwindSafe(mailbox.deliver(tx, &rcpt, mail)).catch_unwind();
        handing.await.unwrap_or_else(|_| Err(Failure("The mailbox panicked; the log has the place.".into())))
    }

    async fn note(&self, tx: &Tx, rcpt: &inbound_rcpt::Model, fate: Fate) -> Result<(), StoreError> {
        let (told, reply) = match fate {
            Fate::Accepted => (fate::Fate::Accepted, String::new()),
            Fate::Held(why) => (fate::Fate::Held, why),
            Fate::Dropped(why) => (fate::Fate::DroppedIn, why),
            Fate::Later(why) if rcpt.tries + 1 < TRIES => (fate::Fate::DeferredIn, why),
            Fate::Refused(why) | Fate::Later(why) => {
                self.tell_sender(tx, rcpt, &why).await?;
                (fate::Fate::Refused, why)
            }
        };
        let (state, due) = match told {
            fate::Fate::Refused => ("refused", None),
            fate::Fate::DeferredIn => ("waiting", Some(tx.now() + pause(rcpt.tries))),
            _ => ("done", None),
        };
        if state == "done" {
            self.tell_of_arrival(tx, rcpt).await?;
        }
        mark(tx, &[rcpt], state, due, &reply).await?;
        line(rcpt, self.mails.get(&rcpt.mail_id), told, &reply).after(tx);
        Ok(())
    }

    /// A mailbox failed: its rows are gone already, and the mail is handed over again later.
    async fn failed(&self, rcpt: &inbound_rcpt::Model, failure: &Failure) -> Result<(), StoreError> {
        let tx = self.hub.store.write().await?;
        self.note(&tx, rcpt, Fate::Later(failure.to_string())).await?;
        tx.commit().await
    }

    /// Sends the sender a report, unless it was a robot or nobody (RFC 3834 section 2, RFC 5321 section 6.1).
    async fn tell_sender(&self, tx: &Tx, rcpt: &inbound_rcpt::Model, why: &str) -> Result<(), StoreError> {
        let Some(mail) = self.mails.get(&rcpt.mail_id) else { return Ok(()) };
        let asked = self.asked(rcpt);
        if mail.is_automatic() || !asked.rcpt.wants_failure() {
            return Ok(());
        }
        let failed = report::Report {
            recipient: rcpt.address.clone(),
            action: report::Action::Failed,
            status: "5.7.1".into(),
            diagnostic: why.to_owned(),
        };
        let host = &self.hub.settings.mail_domain;
        report::send(tx, host, &mail.envelope_from, &mail.raw, &mail.message, &[failed], &asked).await
    }

    /// Tells the sender that the mail has arrived, when that was asked for (RFC 3461 section 5.2.3).
    async fn tell_of_arrival(&self, tx: &Tx, rcpt: &inbound_rcpt::Model) -> Result<(), StoreError> {
        let asked = self.asked(rcpt);
        let Some(mail) = self.mails.get(&rcpt.mail_id).filter(|_| asked.rcpt.wants_success()) else { return Ok(()) };
        let arrived = report::Report::arrived(&rcpt.address);
        let host = &self.hub.settings.mail_domain;
        report::send(tx, host, &mail.envelope_from, &mail.raw, &mail.message, &[arrived], &asked).await
    }

    fn asked(&self, rcpt: &inbound_rcpt::Model) -> report::Asked {
        let of_mail = self.wishes.get(&rcpt.mail_id).map(String::as_str);
        report::Asked { mail: OfMail::read(of_mail), rcpt: OfRcpt::read(rcpt.dsn.as_deref()) }
    }
}

/// How long a mail rests before it is handed over again: 10 seconds, doubling, at most 4 hours.
fn pause(tries: i64) -> chrono::Duration {
    chrono::Duration::seconds(10_i64 << tries.clamp(0, 10)).min(chrono::Duration::hours(4))
}

async fn mark(
    tx: &Tx,
    rcpts: &[&inbound_rcpt::Model],
    state: &str,
    due: Option<DateTime<Utc>>,
    reply: &str,
) -> Result<(), StoreError> {
    if rcpts.is_empty() {
        return Ok(());
    }
    inbound_rcpt::Entity::update_many()
        .col_expr(inbound_rcpt::Column::State, Expr::value(state))
        .col_expr(inbound_rcpt::Column::Tries, Expr::col(inbound_rcpt::Column::Tries).add(1))
        .col_expr(inbound_rcpt::Column::DueAt, Expr::value(due))
        .col_expr(inbound_rcpt::Column::Reply, Expr::value(reply))
        .col_expr(inbound_rcpt::Column::DoneAt, Expr::value(due.is_none().then(|| tx.now())))
        .filter(inbound_rcpt::Column::Id.is_in(rcpts.iter().map(|rcpt| rcpt.id)))
        .exec(tx)
        .await?;
    Ok(())
}

fn line(rcpt: &inbound_rcpt::Model, mail: Option<&Inbound>, fate: fate::Fate, reply: &str) -> fate::Line {
    let mut line = match mail {
        Some(mail) => fate::Line::of(fate, mail, &rcpt.address),
        None => fate::Line { to: vec![rcpt.address.clone()], number: rcpt.mail_id, ..fate::Line::new(fate) },
    };
    line.reply = reply.to_owned();
    line
}
