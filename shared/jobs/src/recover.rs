//! What a hub sets right before it runs jobs: its own claims of before a kill, and times of a clock that was set back.

use chrono::Duration;
use kernel::Hub;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::StoreError;

use crate::BELL;
use crate::entity::job;

/// Lets jobs run again that this node ran when it was killed; how many. Only for a process that is this node alone.
/// The try does not count: it was not the job that failed.
pub async fn reclaim(hub: &Hub) -> Result<u64, StoreError> {
    let tx = hub.store.write().await?;
    let freed = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value("waiting"))
        .col_expr(job::Column::ClaimedUntil, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .col_expr(job::Column::ClaimedBy, Expr::value(Option::<String>::None))
        .col_expr(job::Column::Tries, Expr::col(job::Column::Tries).sub(1))
        .filter(job::Column::State.eq("running"))
        .filter(job::Column::ClaimedBy.eq(&hub.settings.node))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(freed.rows_affected)
}

/// After the clock was set back `by` so much: what was due within that time is due now, instead of waiting through it
/// a second time.
pub async fn set_back(hub: &Hub, by: Duration) -> Result<(), StoreError> {
    let tx = hub.store.write().await?;
    let (now, then) = (tx.now(), tx.now() + by);
    job::Entity::update_many()
        .col_expr(job::Column::RunAt, Expr::value(now))
        .filter(job::Column::State.eq("waiting"))
        .filter(job::Column::RunAt.gt(now))
        .filter(job::Column::RunAt.lte(then))
        .exec(&tx)
        .await?;
    job::Entity::update_many()
        .col_expr(job::Column::ClaimedUntil, Expr::value(now + crate::CLAIM))
        .filter(job::Column::State.eq("running"))
        .filter(job::Column::ClaimedUntil.gt(now + crate::CLAIM))
        .exec(&tx)
        .await?;
    tx.ring(BELL);
    tx.commit().await
}
