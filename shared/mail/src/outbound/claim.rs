//! Claiming mails that are due, so that several hubs never send one at the same time.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use chrono::{DateTime, Duration, Utc};
use kernel::Hub;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use store::{BlobId, StoreError, Tuples, Tx, blobs};
use tokio::sync::OwnedSemaphorePermit;

use super::client::stuffed;
use super::query::{return_path, templates};
use crate::ReturnPath;
use crate::entity::{inbound_rcpt, outgoing, outgoing_rcpt};

/// How long a claim holds without renewal; the mail of a dead hub is sent by another one after it.
const CLAIM: Duration = Duration::seconds(7);
/// Places for mails that are in the works at a time.
pub(super) const PLACES: usize = 64;
/// Recipients of one mail that are sent to before it is claimed anew.
const RCPTS: u64 = 20_000;

/// A mail that this hub sends now.
pub(super) struct Claimed {
    pub id: i64,
    pub message_id: String,
    pub about: String,
    pub return_path: ReturnPath,
    /// Fields for each recipient, with placeholders.
    pub templates: Vec<(String, String)>,
    /// The hash of the body, for signatures; made when the first is.
    pub body_hash: std::sync::OnceLock<String>,
    /// The common fields and the bytes, as they are kept.
    pub raw: Vec<u8>,
    /// The same, ready for the wire.
    pub wire: Arc<[u8]>,
    pub eight_bit: bool,
    pub utf8: bool,
    pub created_at: DateTime<Utc>,
    pub rcpts: Vec<Rcpt>,
    /// Recipients of whom it is not yet written down what became of them.
    pub open: AtomicUsize,
    /// Gives its places to other mails when it is gone.
    pub _places: Vec<OwnedSemaphorePermit>,
}

impl Claimed {
    /// Whether each recipient gets a copy of their own.
    pub(super) fn is_personal(&self) -> bool {
        !self.templates.is_empty() || matches!(self.return_path, ReturnPath::Verp(_) | ReturnPath::Token(_))
    }
}

/// A recipient that waits.
pub(super) struct Rcpt {
    pub id: i64,
    pub address: String,
    pub token: Option<String>,
    pub tries: i64,
}

/// Claims mails that are due, as far as there are places for them, and loads them. What is in the works here already is
/// left alone, whatever the clock says of its claim.
pub(super) async fn claim(
    hub: &Hub,
    mut places: Vec<OwnedSemaphorePermit>,
    in_the_works: Vec<i64>,
) -> Result<Vec<Claimed>, StoreError> {
    let ids = take(hub, places.len(), in_the_works).await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let read = hub.store.read();
    let mails = outgoing::Entity::find().filter(outgoing::Column::Id.is_in(ids)).all(&read).await?;
    let mut claimed = Vec::with_capacity(mails.len());
    for mail in mails {
        let rcpts = rcpts(hub, mail.id).await?;
        let raw = match blobs::get(&hub.store, &read, &BlobId(mail.blob)).await {
            Ok(raw) => raw,
            Err(StoreError::Damaged(blob)) => {
                // It stays in the queue, visible, until the bytes are back.
                tracing::error!(mail = mail.id, blob, "the bytes of an outgoing mail are missing");
                put_off(hub, mail.id).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        let raw = [mail.headers.as_bytes(), &raw].concat();
        claimed.push(Claimed {
            id: mail.id,
            message_id: mail.message_id,
            about: mail.about,
            return_path: return_path(&mail.return_kind, mail.return_path),
            templates: mail.personal.as_deref().map(templates).unwrap_or_default(),
            wire: stuffed(&[&raw]),
            body_hash: std::sync::OnceLock::new(),
            raw,
            eight_bit: mail.eight_bit,
            utf8: mail.utf8,
            created_at: mail.created_at,
            open: AtomicUsize::new(rcpts.len()),
            rcpts,
            _places: places.split_off(places.len().saturating_sub(places_for(mail.size))),
        });
    }
    Ok(claimed)
}

fn due(hub: &Hub, now: DateTime<Utc>) -> Condition {
    let mut free = Condition::any().add(outgoing::Column::ClaimedUntil.is_null());
    if hub.clock.is_settled() {
        free = free.add(outgoing::Column::ClaimedUntil.lt(now));
    }
    Condition::all().add(outgoing::Column::DueAt.lte(now)).add(free)
}

/// How many places a mail takes: one for each million bytes, so that large ones do not fill the memory.
fn places_for(size: i64) -> usize {
    (1 + size.max(0) as usize / 1_000_000).min(PLACES)
}

async fn take(hub: &Hub, places: usize, in_the_works: Vec<i64>) -> Result<Vec<i64>, StoreError> {
    let now = hub.now();
    let found: Vec<(i64, i64)> = outgoing::Entity::find()
        .select_only()
        .columns([outgoing::Column::Id, outgoing::Column::Size])
        .filter(due(hub, now))
        .filter(outgoing::Column::Id.is_not_in(in_the_works))
        .order_by_asc(outgoing::Column::DueAt)
        .limit(places as u64)
        .tuples()
        .all(&hub.store.read())
        .await?;
    let mut taken = 0;
    let fit = found.into_iter().take_while(|(_, size)| {
        taken += places_for(*size);
        taken <= places
    });
    let found: Vec<i64> = fit.map(|(id, _)| id).collect();
    if found.is_empty() {
        return Ok(found);
    }
    let tx = hub.store.write().await?;
    let rows = outgoing::Entity::update_many()
        .col_expr(outgoing::Column::ClaimedUntil, Expr::value(now + CLAIM))
        .col_expr(outgoing::Column::ClaimedBy, Expr::value(&hub.settings.node))
        .filter(outgoing::Column::Id.is_in(found))
        .filter(due(hub, now))
        .exec_with_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The recipients that are due, as one row: thousands of rows cost more in the driver than in the database.
async fn rcpts(hub: &Hub, mail: i64) -> Result<Vec<Rcpt>, StoreError> {
    let read = hub.store.read();
    let backend = read.get_database_backend();
    let array = match backend {
        DbBackend::Postgres => "json_agg(json_build_array(id, address, token, tries))::text",
        _ => "json_group_array(json_array(id, address, token, tries))",
    };
    let sql = format!(
        "SELECT {array} AS rcpts FROM (SELECT id, address, token, tries FROM mail_out_rcpt \
         WHERE mail_id = $1 AND state = 'waiting' AND due_at <= $2 ORDER BY id LIMIT {RCPTS}) AS due"
    );
    let asked = Statement::from_sql_and_values(backend, sql, [mail.into(), hub.now().into()]);
    let row = read.query_one_raw(asked).await?;
    let json: Option<String> = row.map(|row| row.try_get("", "rcpts")).transpose()?.flatten();
    let rows: Vec<(i64, String, Option<String>, i64)> =
        serde_json::from_str(json.as_deref().unwrap_or("[]")).unwrap_or_default();
    Ok(rows.into_iter().map(|(id, address, token, tries)| Rcpt { id, address, token, tries }).collect())
}

/// Holds claims for longer.
pub(super) async fn renew(hub: &Hub, mails: Vec<i64>) -> Result<(), StoreError> {
    if mails.is_empty() {
        return Ok(());
    }
    let tx = hub.store.write().await?;
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::ClaimedUntil, Expr::value(hub.now() + CLAIM))
        .filter(outgoing::Column::Id.is_in(mails))
        .filter(outgoing::Column::ClaimedBy.eq(&hub.settings.node))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Lets go of mails: each is due again when the first of its waiting recipients is, or never.
pub(super) async fn release(tx: &Tx, mails: &[i64]) -> Result<(), StoreError> {
    for mail in mails {
        let next: Option<Option<DateTime<Utc>>> = outgoing_rcpt::Entity::find()
            .select_only()
            .column_as(outgoing_rcpt::Column::DueAt.min(), "next_at")
            .filter(outgoing_rcpt::Column::MailId.eq(*mail))
            .filter(outgoing_rcpt::Column::State.eq("waiting"))
            .tuples()
            .one(tx)
            .await?;
        set_due(tx, *mail, next.flatten()).await?;
    }
    Ok(())
}

/// Lets go of a mail and lets it rest, with its recipients waiting.
pub(super) async fn park(tx: &Tx, mail: i64) -> Result<(), StoreError> {
    set_due(tx, mail, None).await
}

/// Lets go of mails and lets them rest.
pub(super) async fn park_all(tx: &Tx, mails: &[i64]) -> Result<(), StoreError> {
    for mail in mails {
        park(tx, *mail).await?;
    }
    Ok(())
}

/// Gives claims back when the hub stops.
pub(super) async fn let_go(hub: &Hub, mails: Vec<i64>) -> Result<(), StoreError> {
    if mails.is_empty() {
        return Ok(());
    }
    let tx = hub.store.write().await?;
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::ClaimedUntil, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(outgoing::Column::Id.is_in(mails))
        .filter(outgoing::Column::ClaimedBy.eq(&hub.settings.node))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Frees mails that this node sent when it was killed; how many. Only for a process that is this node alone.
pub async fn reclaim(hub: &Hub) -> Result<u64, StoreError> {
    let tx = hub.store.write().await?;
    let freed = outgoing::Entity::update_many()
        .col_expr(outgoing::Column::ClaimedUntil, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(outgoing::Column::DueAt.is_not_null())
        .filter(outgoing::Column::ClaimedUntil.is_not_null())
        .filter(outgoing::Column::ClaimedBy.eq(&hub.settings.node))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(freed.rows_affected)
}

/// After the clock was set back `by` so much: mail that was due within that time is due now.
pub async fn set_back(hub: &Hub, by: Duration) -> Result<(), StoreError> {
    let tx = hub.store.write().await?;
    let (now, then) = (tx.now(), tx.now() + by);
    outgoing_rcpt::Entity::update_many()
        .col_expr(outgoing_rcpt::Column::DueAt, Expr::value(now))
        .filter(outgoing_rcpt::Column::State.eq("waiting"))
        .filter(outgoing_rcpt::Column::DueAt.gt(now))
        .filter(outgoing_rcpt::Column::DueAt.lte(then))
        .exec(&tx)
        .await?;
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::DueAt, Expr::value(now))
        .filter(outgoing::Column::DueAt.gt(now))
        .filter(outgoing::Column::DueAt.lte(then))
        .exec(&tx)
        .await?;
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::ClaimedUntil, Expr::value(now + CLAIM))
        .filter(outgoing::Column::DueAt.is_not_null())
        .filter(outgoing::Column::ClaimedUntil.gt(now + CLAIM))
        .exec(&tx)
        .await?;
    inbound_rcpt::Entity::update_many()
        .col_expr(inbound_rcpt::Column::DueAt, Expr::value(now))
        .filter(inbound_rcpt::Column::DueAt.gt(now))
        .filter(inbound_rcpt::Column::DueAt.lte(then))
        .exec(&tx)
        .await?;
    tx.ring(super::BELL);
    tx.ring(crate::inbound::BELL);
    tx.commit().await
}

async fn set_due(tx: &Tx, mail: i64, due: Option<DateTime<Utc>>) -> Result<(), StoreError> {
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::DueAt, Expr::value(due))
        .col_expr(outgoing::Column::ClaimedUntil, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(outgoing::Column::Id.eq(mail))
        .exec(tx)
        .await?;
    Ok(())
}

async fn put_off(hub: &Hub, mail: i64) -> Result<(), StoreError> {
    let tx = hub.store.write().await?;
    set_due(&tx, mail, Some(tx.now() + Duration::hours(1))).await?;
    tx.commit().await
}

/// Makes mails due that were parked while there was no smarthost.
pub(super) async fn wake_parked(hub: &Hub) -> Result<(), StoreError> {
    let tx = hub.store.write().await?;
    let backend = tx.get_database_backend();
    let sql = "UPDATE mail_out SET due_at = $1 WHERE due_at IS NULL AND id IN \
               (SELECT mail_id FROM mail_out_rcpt WHERE state = 'waiting')";
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, [tx.now().into()])).await?;
    tx.commit().await
}
