//! Reading channels and lines.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, DerivePartialModel, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;
use store::Tuples;

use crate::ChannelId;
use crate::casemap::CaseMap;
use crate::entity::{channel, line};

/// A channel that the bot logs.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Channel {
    pub id: ChannelId,
    pub network: String,
    pub name: String,
    pub folded: String,
    pub topic: String,
    /// `on`, or why the bot is not there.
    pub state: String,
}

/// A line of a log.
#[derive(Clone, Debug, Serialize, DerivePartialModel)]
#[sea_orm(entity = "line::Entity")]
pub struct Logged {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub mark: String,
    pub kind: String,
    pub nick: String,
    pub text: String,
}

/// The kinds of lines in which somebody says something.
const SPOKEN: [&str; 3] = ["say", "action", "notice"];

/// All channels by network and name.
pub async fn channels(conn: &impl ConnectionTrait) -> Result<Vec<Channel>, DbErr> {
    let by_name = channel::Entity::find().order_by_asc(channel::Column::Network).order_by_asc(channel::Column::Folded);
    by_name.into_model().all(conn).await
}

/// The channel of a name; the `#` may be left out, as URLs do.
pub async fn channel(conn: &impl ConnectionTrait, network: &str, name: &str) -> Result<Option<Channel>, DbErr> {
    let folded = CaseMap::Rfc1459.fold(name);
    channel::Entity::find()
        .filter(channel::Column::Network.eq(network))
        .filter(channel::Column::Folded.is_in([folded.clone(), format!("#{folded}")]))
        .into_model()
        .one(conn)
        .await
}

/// The channel of an id.
pub async fn channel_by_id(conn: &impl ConnectionTrait, id: ChannelId) -> Result<Option<Channel>, DbErr> {
    channel::Entity::find_by_id(id).into_model().one(conn).await
}

/// Every line of a day (UTC), in order.
pub async fn day(conn: &impl ConnectionTrait, id: ChannelId, day: &str) -> Result<Vec<Logged>, DbErr> {
    line::Entity::find()
        .filter(line::Column::ChannelId.eq(id))
        .filter(line::Column::Day.eq(day))
        .order_by_asc(line::Column::At)
        .order_by_asc(line::Column::Id)
        .into_partial_model()
        .all(conn)
        .await
}

/// The days of a channel that have lines, newest first, each with how many.
pub async fn days(conn: &impl ConnectionTrait, id: ChannelId, count: u64) -> Result<Vec<(String, i64)>, DbErr> {
    line::Entity::find()
        .select_only()
        .column(line::Column::Day)
        .column_as(line::Column::Id.count(), "lines")
        .filter(line::Column::ChannelId.eq(id))
        .group_by(line::Column::Day)
        .order_by_desc(line::Column::Day)
        .limit(count)
        .tuples()
        .all(conn)
        .await
}

/// What one person said on one day.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Talk {
    pub channel_id: ChannelId,
    pub day: String,
    pub nick: String,
    pub lines: i64,
    pub last_at: DateTime<Utc>,
}

/// Who said how much on each day of these channels since a day.
pub async fn talk_since(conn: &impl ConnectionTrait, ids: &[ChannelId], day: &str) -> Result<Vec<Talk>, DbErr> {
    line::Entity::find()
        .select_only()
        .columns([line::Column::ChannelId])
        .columns([line::Column::Day])
        .columns([line::Column::Nick])
        .column_as(line::Column::Id.count(), "lines")
        .column_as(line::Column::At.max(), "last_at")
        .filter(line::Column::ChannelId.is_in(ids.iter().copied()))
        .filter(line::Column::Day.gte(day))
        .filter(line::Column::Kind.is_in(SPOKEN))
        .group_by(line::Column::ChannelId)
        .group_by(line::Column::Day)
        .group_by(line::Column::Nick)
        .into_model()
        .all(conn)
        .await
}

/// The days with lines before and after a day.
pub async fn neighbours(
    conn: &impl ConnectionTrait,
    id: ChannelId,
    day: &str,
) -> Result<(Option<String>, Option<String>), DbErr> {
    let of =
        || line::Entity::find().select_only().column(line::Column::Day).filter(line::Column::ChannelId.eq(id)).limit(1);
    let before = of().filter(line::Column::Day.lt(day)).order_by_desc(line::Column::Day).tuples().one(conn).await?;
    let after = of().filter(line::Column::Day.gt(day)).order_by_asc(line::Column::Day).tuples().one(conn).await?;
    Ok((before, after))
}

/// Lines with a higher id, in order: what a live page has not seen.
pub async fn since(conn: &impl ConnectionTrait, id: ChannelId, last: i64) -> Result<Vec<Logged>, DbErr> {
    line::Entity::find()
        .filter(line::Column::ChannelId.eq(id))
        .filter(line::Column::Id.gt(last))
        .order_by_asc(line::Column::Id)
        .limit(500)
        .into_partial_model()
        .all(conn)
        .await
}

/// The number of the last line of all channels; 0 when there is none.
pub async fn last_id(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let last: Option<Option<i64>> =
        line::Entity::find().select_only().column_as(line::Column::Id.max(), "last").tuples().one(conn).await?;
    Ok(last.flatten().unwrap_or(0))
}

/// The time and kind of the last line of a channel before a time.
pub async fn last_line(
    conn: &impl ConnectionTrait,
    id: ChannelId,
    before: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, String)>, DbErr> {
    line::Entity::find()
        .select_only()
        .columns([line::Column::At])
        .columns([line::Column::Kind])
        .filter(line::Column::ChannelId.eq(id))
        .filter(line::Column::At.lt(before))
        .order_by_desc(line::Column::At)
        .order_by_desc(line::Column::Id)
        .limit(1)
        .tuples()
        .one(conn)
        .await
}

/// The hours since two hours ago in which something was said; a job that ran late finds them all.
pub async fn hours_to_index(
    conn: &impl ConnectionTrait,
    id: ChannelId,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let times: Vec<DateTime<Utc>> = line::Entity::find()
        .select_only()
        .column(line::Column::At)
        .filter(line::Column::ChannelId.eq(id))
        .filter(line::Column::At.gt(now - TimeDelta::hours(2)))
        .filter(line::Column::Kind.is_in(SPOKEN))
        .order_by_asc(line::Column::At)
        .tuples()
        .all(conn)
        .await?;
    let mut hours: Vec<DateTime<Utc>> =
        times.into_iter().filter_map(|at| at.duration_trunc(TimeDelta::hours(1)).ok()).collect();
    hours.dedup();
    Ok(hours)
}

/// What was said in the hour that begins at `hour`.
pub async fn said_in(conn: &impl ConnectionTrait, id: ChannelId, hour: DateTime<Utc>) -> Result<Vec<Logged>, DbErr> {
    line::Entity::find()
        .filter(line::Column::ChannelId.eq(id))
        .filter(line::Column::At.gte(hour))
        .filter(line::Column::At.lt(hour + TimeDelta::hours(1)))
        .filter(line::Column::Kind.is_in(SPOKEN))
        .order_by_asc(line::Column::At)
        .order_by_asc(line::Column::Id)
        .into_partial_model()
        .all(conn)
        .await
}
