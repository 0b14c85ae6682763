//! Putting mail into the outgoing queue, within the caller's transaction.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use store::{BlobId, Tx, blobs};

use crate::compose::{self, ComposeError, Outgoing, Recipient, ReturnPath};
use crate::entity::{outgoing, outgoing_rcpt};
use crate::fate::{Fate, Line};

store::id!(OutgoingId, "A mail that goes out.");

/// The bell that a commit with outgoing mail rings.
pub const BELL: &str = "mail/out";

/// Rows that one statement brings in.
const ROWS: usize = 5_000;

/// A mail that is relayed with its bytes unchanged, to any number of recipients.
#[derive(Clone, Debug)]
pub struct Relay {
    pub raw: Raw,
    /// Fields put above the bytes for everybody: name and value, in this order.
    pub headers: Vec<(String, String)>,
    /// What differs from recipient to recipient, beyond the envelope.
    pub personal: Option<Personal>,
    pub envelope_from: ReturnPath,
    pub rcpts: Vec<Recipient>,
    /// Without angle brackets, for the log and the administrator.
    pub message_id: String,
    /// For the administrator.
    pub subject: String,
    /// What it belongs to: `list/dev`.
    pub about: String,
}

/// The bytes of a relayed mail.
#[derive(Clone, Debug)]
pub enum Raw {
    /// Kept already, as the bytes of an inbound mail are.
    Blob(BlobId),
    Bytes(Vec<u8>),
}

/// Fields put on top for each recipient. In a value `{token}` stands for the recipient's token, `{address}` for their
/// address and `{verp}` for the address as it stands in a VERP sender (`ann=x.org`).
#[derive(Clone, Debug, Default)]
pub struct Personal {
    pub headers: Vec<(String, String)>,
}

/// Composes a mail and queues it for its recipients. With none it is not queued, and the answer is `None`.
pub async fn queue(tx: &Tx, mail: Outgoing) -> Result<Option<OutgoingId>, ComposeError> {
    let composed = compose::compose(&mail, tx.now())?;
    let relay = Relay {
        raw: Raw::Bytes(composed.raw),
        headers: Vec::new(),
        personal: None,
        envelope_from: mail.envelope_from,
        rcpts: mail.rcpts,
        message_id: composed.message_id,
        subject: mail.subject,
        about: mail.about,
    };
    queue_raw(tx, relay).await
}

/// Queues a mail as it is for its recipients; an address that cannot be one is marked as failed at once. With no
/// recipient nothing is queued, and the answer is `None`.
pub async fn queue_raw(tx: &Tx, relay: Relay) -> Result<Option<OutgoingId>, ComposeError> {
    if relay.rcpts.is_empty() {
        return Ok(None);
    }
    let headers = compose::fields(&relay.headers)?;
    let personal = relay.personal.filter(|personal| !personal.headers.is_empty());
    if let Some(personal) = &personal {
        compose::fields(&personal.headers)?;
    }
    let (blob, bytes) = match relay.raw {
        Raw::Bytes(bytes) => (blobs::put(tx, &bytes).await?, bytes),
        Raw::Blob(blob) => {
            let bytes = blobs::get(tx.store(), tx, &blob).await?;
            (blob, bytes)
        }
    };
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let (return_kind, return_path) = match relay.envelope_from {
        ReturnPath::Null => ("null", String::new()),
        ReturnPath::To(address) => ("to", address),
        ReturnPath::Verp(address) => ("verp", address),
        ReturnPath::Token(address) => ("token", address),
    };
    let row = outgoing::ActiveModel {
        about: Set(relay.about),
        blob: Set(blob.0),
        size: Set((bytes.len() + headers.len()) as i64),
        utf8: Set(!bytes[..head].is_ascii()),
        eight_bit: Set(!bytes.is_ascii()),
        headers: Set(headers),
        personal: Set(personal.map(|personal| serde_json::json!(personal.headers).to_string())),
        return_kind: Set(return_kind.to_owned()),
        return_path: Set(return_path),
        message_id: Set(relay.message_id),
        subject: Set(relay.subject.chars().filter(|c| !c.is_control()).take(300).collect()),
        created_at: Set(tx.now()),
        due_at: Set(Some(tx.now())),
        claimed_until: Set(None),
        claimed_by: Set(None),
        ..Default::default()
    };
    let id = outgoing::Entity::insert(row).exec(tx).await?.last_insert_id;
    for rcpts in relay.rcpts.chunks(ROWS) {
        insert(tx, id, rcpts).await?;
    }
    tx.ring(BELL);
    Ok(Some(OutgoingId(id)))
}

/// Brings in thousands of recipients with one statement and four parameters.
async fn insert(tx: &Tx, mail: i64, rcpts: &[Recipient]) -> Result<(), ComposeError> {
    let rows: Vec<(&str, Option<&str>)> =
        rcpts.iter().map(|rcpt| (rcpt.address.trim(), rcpt.token.as_deref())).collect();
    let json = serde_json::json!(rows).to_string();
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "INSERT INTO mail_out_rcpt (mail_id, address, token, state, tries, due_at, reply) \
             SELECT $1, pair->>0, pair->>1, 'waiting', 0, $2, '' FROM jsonb_array_elements($3::jsonb) AS pair"
        }
        _ => {
            "INSERT INTO mail_out_rcpt (mail_id, address, token, state, tries, due_at, reply) \
             SELECT $1, value->>0, value->>1, 'waiting', 0, $2, '' FROM json_each($3)"
        }
    };
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, [mail.into(), tx.now().into(), json.into()])).await?;
    Ok(())
}

/// Sends to this recipient now, whatever was said before; one that has got its mail is left alone.
pub async fn retry(tx: &Tx, rcpt: i64) -> Result<bool, store::StoreError> {
    let Some(row) = outgoing_rcpt::Entity::find_by_id(rcpt).one(tx).await? else { return Ok(false) };
    let moved = outgoing_rcpt::Entity::update_many()
        .col_expr(outgoing_rcpt::Column::State, Expr::value("waiting"))
        .col_expr(outgoing_rcpt::Column::Tries, Expr::value(0))
        .col_expr(outgoing_rcpt::Column::DueAt, Expr::value(tx.now()))
        .col_expr(outgoing_rcpt::Column::DoneAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .filter(outgoing_rcpt::Column::Id.eq(rcpt))
        .filter(outgoing_rcpt::Column::State.ne("sent"))
        .exec(tx)
        .await?;
    if moved.rows_affected == 1 {
        outgoing::Entity::update_many()
            .col_expr(outgoing::Column::DueAt, Expr::value(tx.now()))
            .filter(outgoing::Column::Id.eq(row.mail_id))
            .exec(tx)
            .await?;
        tx.ring(BELL);
    }
    Ok(moved.rows_affected == 1)
}

/// Gives up on this recipient without a bounce; one that has got its mail is left alone.
pub async fn drop(tx: &Tx, rcpt: i64) -> Result<bool, store::StoreError> {
    let moved = outgoing_rcpt::Entity::update_many()
        .col_expr(outgoing_rcpt::Column::State, Expr::value("dropped"))
        .col_expr(outgoing_rcpt::Column::DueAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .col_expr(outgoing_rcpt::Column::DoneAt, Expr::value(tx.now()))
        .filter(outgoing_rcpt::Column::Id.eq(rcpt))
        .filter(outgoing_rcpt::Column::State.is_in(["waiting", "failed"]))
        .exec(tx)
        .await?;
    if moved.rows_affected == 1
        && let Some(row) = outgoing_rcpt::Entity::find_by_id(rcpt).one(tx).await?
        && let Some(mail) = outgoing::Entity::find_by_id(row.mail_id).one(tx).await?
    {
        let (message_id, about) = (mail.message_id, mail.about);
        Line { message_id, about, to: vec![row.address], number: mail.id, ..Line::new(Fate::DroppedOut) }.after(tx);
    }
    Ok(moved.rows_affected == 1)
}

/// Gives up on everybody who has not got their mail yet, without a bounce; how many. `why` stands where the answer of
/// their server would.
pub async fn drop_all(tx: &Tx, why: &str) -> Result<u64, store::StoreError> {
    let dropped = outgoing_rcpt::Entity::update_many()
        .col_expr(outgoing_rcpt::Column::State, Expr::value("dropped"))
        .col_expr(outgoing_rcpt::Column::DueAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .col_expr(outgoing_rcpt::Column::DoneAt, Expr::value(tx.now()))
        .col_expr(outgoing_rcpt::Column::Reply, Expr::value(why))
        .filter(outgoing_rcpt::Column::State.is_in(["waiting", "failed"]))
        .exec(tx)
        .await?;
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::DueAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .filter(outgoing::Column::DueAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(dropped.rows_affected)
}
