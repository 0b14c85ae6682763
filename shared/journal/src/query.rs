//! Reading the journal: the activity stream and what an administrator sees.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use people::{Actor, Participant, ParticipantId, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use store::Tuples;

use crate::entity::{cursor, journal, parked};
use crate::event::ECHO;
use crate::{Entry, Event};

/// One line of an activity stream.
#[derive(Clone, Debug, Serialize)]
pub struct Activity {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub module: String,
    pub who: String,
    /// The page of who did it, when they have an account.
    pub who_url: Option<String>,
    pub text: String,
    pub url: String,
}

/// Which lines of the stream are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only what these participants did.
    pub participants: Option<Vec<ParticipantId>>,
    /// Only this module.
    pub module: Option<String>,
    /// Only entries with a lower number: the next page.
    pub before: Option<i64>,
    /// Also what only says again what another line says, as the mail about a push does.
    pub echoes: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    module: String,
    participant_id: Option<ParticipantId>,
    actor: String,
    headline: String,
    url: String,
}

/// The newest lines that `actor` may see, at most `count`.
pub async fn stream(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    wanted: &Wanted,
    count: u64,
) -> Result<Vec<Activity>, DbErr> {
    let filter = Condition::all()
        .add(journal::Column::Audience.is_in(actor.audiences()))
        .add_option(wanted.participants.clone().map(|ids| journal::Column::ParticipantId.is_in(ids)))
        .add_option(wanted.module.clone().map(|module| journal::Column::Module.eq(module)))
        .add_option(wanted.before.map(|id| journal::Column::Id.lt(id)))
        .add_option((!wanted.echoes).then(|| journal::Column::Kind.ne(ECHO)));
    let rows: Vec<Row> = journal::Entity::find()
        .select_only()
        .columns([journal::Column::Id, journal::Column::At, journal::Column::Module, journal::Column::ParticipantId])
        .columns([journal::Column::Actor, journal::Column::Headline, journal::Column::Url])
        .filter(filter)
        .order_by_desc(journal::Column::Id)
        .limit(count)
        .into_model()
        .all(conn)
        .await?;
    let people = people::participant::shown(conn, rows.iter().filter_map(|row| row.participant_id)).await?;
    let line = |row: Row| {
        let who: Option<&Participant> = row.participant_id.and_then(|id| people.get(&id));
        Activity {
            id: row.id,
            at: row.at,
            module: row.module,
            who: who.map_or(row.actor, |who| who.name.clone()),
            who_url: who.and_then(|who| who.url.clone()),
            text: row.headline,
            url: row.url,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// How many lines that `actor` may see these participants have in each module, most first.
pub async fn counts(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    participants: Vec<ParticipantId>,
) -> Result<Vec<(String, i64)>, DbErr> {
    let mut counts: Vec<(String, i64)> = journal::Entity::find()
        .select_only()
        .column(journal::Column::Module)
        .column_as(journal::Column::Id.count(), "lines")
        .filter(journal::Column::Audience.is_in(actor.audiences()))
        .filter(journal::Column::ParticipantId.is_in(participants))
        .filter(journal::Column::Kind.ne(ECHO))
        .group_by(journal::Column::Module)
        .tuples()
        .all(conn)
        .await?;
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(counts)
}

/// Every participant that belongs to a user.
pub async fn participants_of(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<ParticipantId>, DbErr> {
    use people::entity::participant;
    participant::Entity::find()
        .select_only()
        .column(participant::Column::Id)
        .filter(participant::Column::UserId.eq(user))
        .tuples()
        .all(conn)
        .await
}

/// One entry, whole.
pub async fn entry(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Entry>, DbErr> {
    journal::Entity::find_by_id(id).one(conn).await?.map(read).transpose()
}

/// Up to `count` entries after number `after` whose kind is one of `kinds`, in order.
pub async fn after(conn: &impl ConnectionTrait, after: i64, kinds: &[&str], count: u64) -> Result<Vec<Entry>, DbErr> {
    journal::Entity::find()
        .filter(journal::Column::Id.gt(after))
        .filter(journal::Column::Kind.is_in(kinds.iter().copied()))
        .order_by_asc(journal::Column::Id)
        .limit(count)
        .all(conn)
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// What an open page is told of an entry: that it is there, for whom, and where it shows.
#[derive(Clone, Debug)]
pub struct Heard {
    pub id: i64,
    pub audience: String,
    pub topics: Vec<String>,
}

/// Up to `count` entries after number `after`, in order.
pub async fn heard(conn: &impl ConnectionTrait, after: i64, count: u64) -> Result<Vec<Heard>, DbErr> {
    let rows: Vec<(i64, String, String)> = journal::Entity::find()
        .select_only()
        .columns([journal::Column::Id])
        .columns([journal::Column::Audience, journal::Column::Payload])
        .filter(journal::Column::Id.gt(after))
        .order_by_asc(journal::Column::Id)
        .limit(count)
        .tuples()
        .all(conn)
        .await?;
    let topics = |payload: &str| serde_json::from_str::<Event>(payload).map(|event| event.topics()).unwrap_or_default();
    Ok(rows.into_iter().map(|(id, audience, payload)| Heard { id, audience, topics: topics(&payload) }).collect())
}

/// The number of the last entry; 0 when there is none.
pub async fn last(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let id: Option<Option<i64>> =
        journal::Entity::find().select_only().column_as(journal::Column::Id.max(), "id").tuples().one(conn).await?;
    Ok(id.flatten().unwrap_or(0))
}

/// When the last entry was written; absent when there is none.
pub async fn last_at(conn: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, DbErr> {
    let last = journal::Entity::find().order_by_desc(journal::Column::Id).one(conn).await?;
    Ok(last.map(|row| row.at))
}

/// Where a subscriber stands.
pub async fn cursor(conn: &impl ConnectionTrait, subscriber: &str) -> Result<Option<i64>, DbErr> {
    Ok(cursor::Entity::find_by_id(subscriber).one(conn).await?.map(|row| row.entry_id))
}

/// Where every subscriber stands, by name.
pub async fn cursors(conn: &impl ConnectionTrait) -> Result<HashMap<String, i64>, DbErr> {
    let rows = cursor::Entity::find().all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.subscriber, row.entry_id)).collect())
}

/// Up to `count` entries after number `after` as they stand, in order.
pub(crate) async fn news(conn: &impl ConnectionTrait, after: i64, count: u64) -> Result<Vec<journal::Model>, DbErr> {
    let news = journal::Entity::find().filter(journal::Column::Id.gt(after)).order_by_asc(journal::Column::Id);
    news.limit(count).all(conn).await
}

/// An entry that a subscriber could not answer.
#[derive(Clone, Debug, Serialize)]
pub struct Parked {
    pub subscriber: String,
    pub entry: i64,
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// All parked entries, newest first.
pub async fn parked(conn: &impl ConnectionTrait) -> Result<Vec<Parked>, DbErr> {
    let rows = parked::Entity::find().order_by_desc(parked::Column::At).all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| Parked { subscriber: row.subscriber, entry: row.entry_id, at: row.at, reason: row.reason })
        .collect())
}

/// An entry from its row.
pub(crate) fn read(row: journal::Model) -> Result<Entry, DbErr> {
    let event: Event = serde_json::from_str(&row.payload)
        .map_err(|error| DbErr::Custom(format!("journal entry {} cannot be read: {error}", row.id)))?;
    Ok(Entry { id: row.id, at: row.at, participant: row.participant_id, actor: row.actor, event })
}
