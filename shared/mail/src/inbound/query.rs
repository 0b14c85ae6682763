//! Reading what came in: for the administrator and for tests.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use store::{BlobId, Store, StoreError, Tx, blobs};

use super::{BELL, InboundId};
use crate::entity::{inbound, inbound_rcpt};
use crate::fate::{Fate, Line};

/// What became of an inbound mail for one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InboxState {
    /// Not handed over yet, or to be handed over again.
    Waiting,
    /// Taken by its mailbox.
    Done,
    /// Refused by its mailbox after it was taken at the door, or given up.
    Refused,
    /// For the administrator: mail to postmaster that no mailbox takes.
    Kept,
    /// Put away by the administrator.
    Dropped,
}

impl InboxState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Done, Self::Refused, Self::Kept, Self::Dropped];

    /// The word for it, in rows and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Kept => "kept",
            Self::Dropped => "dropped",
        }
    }
}

/// One recipient of a mail that came in.
#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    /// The number by which it is retried and dropped.
    pub id: i64,
    pub mail: InboundId,
    pub address: String,
    pub mailbox: String,
    pub state: InboxState,
    pub tries: i64,
    /// What the mailbox said last.
    pub reply: String,
    pub envelope_from: String,
    pub via: String,
    pub size: i64,
    pub received_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
}

/// Which recipients are wanted; what is absent does not matter.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    pub state: Option<InboxState>,
    /// Only those with a smaller number, for the next page.
    pub before: Option<i64>,
    /// At most so many; 0 means 200.
    pub limit: u64,
}

/// Recipients of what came in, newest first.
pub async fn inbox(conn: &impl ConnectionTrait, filter: &InboxFilter) -> Result<Vec<Kept>, StoreError> {
    use inbound::Column as Mail;
    use inbound_rcpt::Column as Rcpt;
    let join = inbound_rcpt::Entity::belongs_to(inbound::Entity).from(Rcpt::MailId).to(Mail::Id);
    let mut query = inbound_rcpt::Entity::find()
        .select_only()
        .columns([Rcpt::Id, Rcpt::MailId, Rcpt::Address, Rcpt::Mailbox, Rcpt::State, Rcpt::Tries, Rcpt::Reply])
        .column(Rcpt::DueAt)
        .columns([Mail::EnvelopeFrom, Mail::Via, Mail::Size, Mail::ReceivedAt])
        .join(JoinType::InnerJoin, join.into());
    if let Some(state) = filter.state {
        query = query.filter(Rcpt::State.eq(state.as_str()));
    }
    if let Some(before) = filter.before {
        query = query.filter(Rcpt::Id.lt(before));
    }
    let limit = if filter.limit == 0 { 200 } else { filter.limit };
    let rows: Vec<Row> = query.order_by_desc(Rcpt::Id).limit(limit).into_model::<Row>().all(conn).await?;
    Ok(rows.into_iter().map(Kept::from).collect())
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: i64,
    mail_id: i64,
    address: String,
    mailbox: String,
    state: String,
    tries: i64,
    reply: String,
    due_at: Option<DateTime<Utc>>,
    envelope_from: String,
    via: String,
    size: i64,
    received_at: DateTime<Utc>,
}

impl From<Row> for Kept {
    fn from(row: Row) -> Self {
        let state = InboxState::ALL.into_iter().find(|state| state.as_str() == row.state);
        Self {
            id: row.id,
            mail: InboundId(row.mail_id),
            address: row.address,
            mailbox: row.mailbox,
            state: state.unwrap_or(InboxState::Waiting),
            tries: row.tries,
            reply: row.reply,
            envelope_from: row.envelope_from,
            via: row.via,
            size: row.size,
            received_at: row.received_at,
            due_at: row.due_at,
        }
    }
}

/// The bytes of a mail that came in.
pub async fn raw(store: &Store, mail: InboundId) -> Result<Option<Vec<u8>>, StoreError> {
    let read = store.read();
    match inbound::Entity::find_by_id(mail.0).one(&read).await? {
        Some(row) => Ok(Some(blobs::get(store, &read, &BlobId(row.blob)).await?)),
        None => Ok(None),
    }
}

/// Hands a mail over to its mailbox again, now; one that was taken is left alone.
pub async fn retry(tx: &Tx, rcpt: i64) -> Result<bool, StoreError> {
    let moved = inbound_rcpt::Entity::update_many()
        .col_expr(inbound_rcpt::Column::State, Expr::value("waiting"))
        .col_expr(inbound_rcpt::Column::Mailbox, Expr::value(""))
        .col_expr(inbound_rcpt::Column::Tries, Expr::value(0))
        .col_expr(inbound_rcpt::Column::DueAt, Expr::value(tx.now()))
        .filter(inbound_rcpt::Column::Id.eq(rcpt))
        .filter(inbound_rcpt::Column::State.ne("done"))
        .exec(tx)
        .await?;
    tx.ring(BELL);
    Ok(moved.rows_affected == 1)
}

/// Puts a mail away for one recipient; one that was taken is left alone.
pub async fn drop(tx: &Tx, rcpt: i64) -> Result<bool, StoreError> {
    let moved = inbound_rcpt::Entity::update_many()
        .col_expr(inbound_rcpt::Column::State, Expr::value("dropped"))
        .col_expr(inbound_rcpt::Column::DueAt, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(inbound_rcpt::Column::Id.eq(rcpt))
        .filter(inbound_rcpt::Column::State.is_not_in(["done", "dropped"]))
        .exec(tx)
        .await?;
    if moved.rows_affected == 1
        && let Some(row) = inbound_rcpt::Entity::find_by_id(rcpt).one(tx).await?
        && let Some(mail) = inbound::Entity::find_by_id(row.mail_id).one(tx).await?
    {
        let (from, reply) = (mail.envelope_from, "The administrator put it away.".into());
        Line { from, to: vec![row.address], number: mail.id, reply, ..Line::new(Fate::DroppedIn) }.after(tx);
    }
    Ok(moved.rows_affected == 1)
}
