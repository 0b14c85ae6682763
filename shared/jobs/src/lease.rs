//! One holder at a time for what may run once only, among all hubs on one database.

use std::time::Duration;

use kernel::Hub;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use store::StoreError;

use crate::entity::lease;
use crate::{Stop, Task};

/// How long a lease holds without renewal.
const LIFE: Duration = Duration::from_secs(6);

/// Runs `task` while this hub (`holder`, unique a process) has its lease; waits for the lease otherwise.
pub async fn hold(hub: &Hub, holder: &str, task: &dyn Task, stop: Stop) {
    let name = task.name();
    while !stop.is_cancelled() {
        match take(hub, &name, holder).await {
            Ok(true) => {
                let inner = stop.child_token();
                tokio::select! {
                    () = task.run(hub, inner.clone()) => {}
                    () = keep(hub, &name, holder) => {
                        tracing::warn!(task = name, "another hub took over");
                        inner.cancel();
                    }
                }
                if let Err(error) = release(hub, &name, holder).await {
                    tracing::warn!(task = name, %error, "a lease could not be given back; it ends by itself");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(task = name, %error, "a lease could not be taken"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LIFE / 3) => {}
        }
    }
}

/// Returns when the lease is lost.
async fn keep(hub: &Hub, name: &str, holder: &str) {
    loop {
        tokio::time::sleep(LIFE / 3).await;
        match take(hub, name, holder).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(task = name, %error, "a lease could not be renewed"),
        }
    }
}

async fn take(hub: &Hub, name: &str, holder: &str) -> Result<bool, StoreError> {
    let tx = hub.store.write().await?;
    let now = hub.now();
    let row = lease::ActiveModel { name: Set(name.into()), holder: Set(holder.into()), until: Set(now + LIFE) };
    lease::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(&tx).await?;
    let taken = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(holder))
        .col_expr(lease::Column::Until, Expr::value(now + LIFE))
        .filter(lease::Column::Name.eq(name))
        .filter(Condition::any().add(lease::Column::Holder.eq(holder)).add(lease::Column::Until.lt(now)))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(taken.rows_affected == 1)
}

async fn release(hub: &Hub, name: &str, holder: &str) -> Result<(), StoreError> {
    let tx = hub.store.write().await?;
    lease::Entity::delete_many()
        .filter(lease::Column::Name.eq(name))
        .filter(lease::Column::Holder.eq(holder))
        .exec(&tx)
        .await?;
    tx.commit().await
}
