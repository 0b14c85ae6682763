//! What an administrator sees of the queue.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use crate::entity::job;

/// One job that waits, runs or has failed.
#[derive(Clone, Debug, Serialize)]
pub struct Queued {
    pub id: i64,
    pub name: String,
    pub state: String,
    pub run_at: DateTime<Utc>,
    pub tries: i64,
    pub error: String,
}

/// Up to `count` jobs, the next to run first; failed ones stay until they are retried.
pub async fn queued(conn: &impl ConnectionTrait, count: u64) -> Result<Vec<Queued>, DbErr> {
    let rows = job::Entity::find().order_by_asc(job::Column::RunAt).limit(count).all(conn).await?;
    let shown = |row: job::Model| Queued {
        id: row.id,
        name: row.name,
        state: row.state,
        run_at: row.run_at,
        tries: row.tries,
        error: row.error,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// How many jobs are in `state`: `waiting`, `running` or `failed`; counted up to [`store::COUNTED`].
pub async fn count(conn: &impl ConnectionTrait, state: &str) -> Result<u64, DbErr> {
    store::count(conn, &job::Entity::find().filter(job::Column::State.eq(state))).await
}
