//! Putting work into the queue.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::Value;
use store::{StoreError, Tx};

use crate::entity::job;

/// The bell that a commit with new jobs rings.
pub const BELL: &str = "jobs";

/// Enqueues the job `name` for now. Of jobs with the same `key` one waits and one runs at a time: asking again while it
/// waits changes nothing, asking while it runs lets it run once more, afterwards.
pub async fn enqueue(tx: &Tx, name: &str, key: &str, payload: Value) -> Result<(), StoreError> {
    enqueue_at(tx, name, key, payload, tx.now()).await
}

/// Enqueues the job `name` for `at`.
pub async fn enqueue_at(tx: &Tx, name: &str, key: &str, payload: Value, at: DateTime<Utc>) -> Result<(), StoreError> {
    let key = format!("{name} {key}");
    let row = job::ActiveModel {
        name: Set(name.to_owned()),
        // Unique among waiting jobs; a job that is claimed or has failed gives its key back.
        waiting_key: Set(Some(key.clone())),
        key: Set(Some(key)),
        payload: Set(payload.to_string()),
        state: Set("waiting".into()),
        run_at: Set(at),
        created_at: Set(tx.now()),
        tries: Set(0),
        claimed_until: Set(None),
        error: Set(String::new()),
        claimed_by: Set(None),
        ..Default::default()
    };
    let inserted = job::Entity::insert(row)
        .on_conflict(OnConflict::column(job::Column::WaitingKey).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await;
    match inserted {
        Ok(_) | Err(DbErr::RecordNotInserted) => {}
        Err(error) => return Err(error.into()),
    }
    tx.ring(BELL);
    Ok(())
}

/// Lets a job that failed for good run again, now.
pub async fn retry(tx: &Tx, id: i64) -> Result<(), StoreError> {
    job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value("waiting"))
        .col_expr(job::Column::RunAt, Expr::value(tx.now()))
        .col_expr(job::Column::Tries, Expr::value(0))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.eq("failed"))
        .exec(tx)
        .await?;
    tx.ring(BELL);
    Ok(())
}
