//! Reading the outgoing queue: for the administrator, the command line and tests.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use store::{BlobId, Store, StoreError, blobs};

use super::OutgoingId;
use crate::compose;
use crate::entity::{outgoing, outgoing_rcpt};
use crate::{ReturnPath, verp_encode};

/// What became of a mail for one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Waiting,
    Sent,
    Failed,
    /// Given up by the administrator.
    Dropped,
}

impl State {
    /// All of them, in the order of a mail's life.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Dropped];

    /// The word for it, in rows and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Waiting)
    }
}

/// One recipient's copy of a mail.
#[derive(Clone, Debug, Serialize)]
pub struct Copy {
    /// The number by which it is retried, dropped and shown.
    pub id: i64,
    pub mail: OutgoingId,
    pub address: String,
    pub about: String,
    pub subject: String,
    pub message_id: String,
    /// The envelope sender of this copy; empty for `<>`.
    pub envelope_from: String,
    pub state: State,
    pub tries: i64,
    /// What the other side said last.
    pub reply: String,
    pub created_at: DateTime<Utc>,
    /// When it is tried next.
    pub due_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
}

/// Which copies are wanted; what is absent does not matter.
#[derive(Clone, Debug, Default)]
pub struct OutboxFilter {
    pub state: Option<State>,
    /// The recipient, exactly.
    pub address: Option<String>,
    pub about: Option<String>,
    pub mail: Option<OutgoingId>,
    /// Only copies with a smaller number, for the next page.
    pub before: Option<i64>,
    /// At most so many; 0 means 200.
    pub limit: u64,
}

/// Copies, newest first.
pub async fn outbox(conn: &impl ConnectionTrait, filter: &OutboxFilter) -> Result<Vec<Copy>, StoreError> {
    use outgoing::Column as Mail;
    use outgoing_rcpt::Column as Rcpt;
    let join = outgoing_rcpt::Entity::belongs_to(outgoing::Entity).from(Rcpt::MailId).to(Mail::Id);
    let mut query = outgoing_rcpt::Entity::find()
        .select_only()
        .columns([Rcpt::Id, Rcpt::MailId, Rcpt::Address, Rcpt::Token, Rcpt::State, Rcpt::Tries, Rcpt::Reply])
        .columns([Rcpt::DueAt, Rcpt::DoneAt])
        .columns([Mail::About, Mail::Subject, Mail::MessageId, Mail::ReturnKind, Mail::ReturnPath, Mail::CreatedAt])
        .join(JoinType::InnerJoin, join.into());
    if let Some(state) = filter.state {
        query = query.filter(Rcpt::State.eq(state.as_str()));
    }
    if let Some(address) = &filter.address {
        query = query.filter(Rcpt::Address.eq(address));
    }
    if let Some(about) = &filter.about {
        query = query.filter(Mail::About.eq(about));
    }
    if let Some(mail) = filter.mail {
        query = query.filter(Rcpt::MailId.eq(mail));
    }
    if let Some(before) = filter.before {
        query = query.filter(Rcpt::Id.lt(before));
    }
    let limit = if filter.limit == 0 { 200 } else { filter.limit };
    let rows: Vec<Row> = query.order_by_desc(Rcpt::Id).limit(limit).into_model::<Row>().all(conn).await?;
    Ok(rows.into_iter().map(Copy::from).collect())
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: i64,
    mail_id: i64,
    address: String,
    token: Option<String>,
    state: String,
    tries: i64,
    reply: String,
    due_at: Option<DateTime<Utc>>,
    done_at: Option<DateTime<Utc>>,
    about: String,
    subject: String,
    message_id: String,
    return_kind: String,
    return_path: String,
    created_at: DateTime<Utc>,
}

impl From<Row> for Copy {
    fn from(row: Row) -> Self {
        let path = return_path(&row.return_kind, row.return_path);
        Self {
            envelope_from: sender(&path, &row.address, row.token.as_deref()),
            id: row.id,
            mail: OutgoingId(row.mail_id),
            address: row.address,
            about: row.about,
            subject: row.subject,
            message_id: row.message_id,
            state: State::of(&row.state),
            tries: row.tries,
            reply: row.reply,
            created_at: row.created_at,
            due_at: row.due_at,
            done_at: row.done_at,
        }
    }
}

/// How many copies are in each state.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<Vec<(State, u64)>, StoreError> {
    let mut counts = Vec::with_capacity(State::ALL.len());
    for state in State::ALL {
        let found = outgoing_rcpt::Entity::find().filter(outgoing_rcpt::Column::State.eq(state.as_str()));
        counts.push((state, store::count(conn, &found).await?));
    }
    Ok(counts)
}

/// The bytes that one recipient gets; a signature (DKIM) is put on top of them when they leave.
pub async fn rendered(store: &Store, copy: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let read = store.read();
    let Some(rcpt) = outgoing_rcpt::Entity::find_by_id(copy).one(&read).await? else { return Ok(None) };
    let Some(mail) = outgoing::Entity::find_by_id(rcpt.mail_id).one(&read).await? else { return Ok(None) };
    let mut bytes = match &mail.personal {
        Some(personal) => personal_headers(&templates(personal), &rcpt.address, rcpt.token.as_deref()).into_bytes(),
        None => Vec::new(),
    };
    bytes.extend_from_slice(mail.headers.as_bytes());
    bytes.extend_from_slice(&blobs::get(store, &read, &BlobId(mail.blob)).await?);
    Ok(Some(bytes))
}

pub(super) fn return_path(kind: &str, address: String) -> ReturnPath {
    match kind {
        "to" => ReturnPath::To(address),
        "verp" => ReturnPath::Verp(address),
        "token" => ReturnPath::Token(address),
        _ => ReturnPath::Null,
    }
}

/// The envelope sender of one copy; empty for `<>`.
pub(super) fn sender(path: &ReturnPath, rcpt: &str, token: Option<&str>) -> String {
    match path {
        ReturnPath::Null => String::new(),
        ReturnPath::To(address) => address.clone(),
        ReturnPath::Verp(address) => verp_encode(address, rcpt),
        ReturnPath::Token(address) => match (address.rsplit_once('@'), token) {
            (Some((local, host)), Some(token)) => format!("{local}+{token}@{host}"),
            _ => address.clone(),
        },
    }
}

pub(super) fn templates(json: &str) -> Vec<(String, String)> {
    serde_json::from_str(json).unwrap_or_default()
}

/// The fields of one recipient, folded, each with its CRLF.
pub(super) fn personal_headers(templates: &[(String, String)], rcpt: &str, token: Option<&str>) -> String {
    let verp = verp_encode("v@v", rcpt);
    let verp = verp.trim_start_matches("v+").trim_end_matches("@v");
    let filled: Vec<(String, String)> = templates
        .iter()
        .map(|(name, value)| (name.clone(), filled(value, rcpt, token.unwrap_or_default(), verp)))
        .collect();
    // The names were checked when the mail was queued, and values cannot fail.
    compose::fields(&filled).unwrap_or_default()
}

/// Puts the words in, in one pass, so that no word can bring a placeholder with it.
fn filled(template: &str, address: &str, token: &str, verp: &str) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let known = [("{token}", token), ("{address}", address), ("{verp}", verp)];
        match known.into_iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, word)) => {
                out.push_str(word);
                rest = &rest[name.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
