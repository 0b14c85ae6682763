//! One holder at a time for what may run once only, among all hubs on one database.
//!
//! No two clocks are compared. A holder changes its row again and again; whoever waits watches the row, and takes it
//! when it has not changed for [`LIFE`] by the waiting hub's own steady clock. A holder that could not change its row
//! lets go before that, unless it outlasts the database ([`Task::outlasts_the_database`]).

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Hub;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use store::StoreError;
use tokio::time::Instant;

use crate::entity::lease;
use crate::{Stop, Task};

/// How long a row must not have changed before somebody else takes it.
const LIFE: Duration = Duration::from_secs(6);
/// How long a holder goes on without having changed its row.
const GRACE: Duration = Duration::from_secs(4);
/// How often a holder changes its row, and how often the others look.
const BEAT: Duration = Duration::from_secs(1);

/// Runs `task` while this hub has its lease; waits for the lease otherwise. The holder is the node, which is one process
/// at a time, so that a hub that starts again goes on where it was.
pub async fn hold(hub: &Hub, task: &dyn Task, stop: Stop) {
    let name = task.name();
    let mut seen = None;
    while !stop.is_cancelled() {
        match look(hub, &name, &mut seen).await {
            Ok(true) => {
                run(hub, &name, task, &stop).await;
                seen = None;
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(task = name, %error, "a lease could not be taken"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn run(hub: &Hub, name: &str, task: &dyn Task, stop: &Stop) {
    let inner = stop.child_token();
    tokio::select! {
        () = task.run(hub, inner.clone()) => {}
        why = keep(hub, name, task.outlasts_the_database()) => {
            tracing::warn!(task = name, "{why}");
            inner.cancel();
        }
    }
    if let Err(error) = release(hub, name).await {
        tracing::warn!(task = name, %error, "a lease could not be given back; it ends by itself");
    }
}

/// Changes the row until that fails for too long, unless the holder is `patient`, or somebody else has it; says which.
async fn keep(hub: &Hub, name: &str, patient: bool) -> &'static str {
    let mut changed = Instant::now();
    loop {
        tokio::time::sleep(BEAT).await;
        let began = Instant::now();
        let end = if patient { began + GRACE } else { changed + GRACE };
        match tokio::time::timeout_at(end, change(hub, name, None)).await {
            Ok(Ok(true)) => changed = began,
            Ok(Ok(false)) => return "another hub took over",
            Ok(Err(error)) => tracing::warn!(task = name, %error, "a lease could not be renewed"),
            Err(_) => {}
        }
        if changed.elapsed() >= GRACE && !patient {
            return "the lease could not be renewed in time; another hub may take over";
        }
    }
}

/// A row as it was first seen so.
struct Seen {
    holder: String,
    until: DateTime<Utc>,
    since: Instant,
}

/// Takes the lease when nobody has it, this node has it, or its holder has not moved for [`LIFE`].
async fn look(hub: &Hub, name: &str, seen: &mut Option<Seen>) -> Result<bool, StoreError> {
    let Some(row) = lease::Entity::find_by_id(name).one(&hub.store.read()).await? else {
        return insert(hub, name).await;
    };
    if row.holder == hub.settings.node {
        return change(hub, name, None).await;
    }
    match seen {
        Some(known) if known.holder == row.holder && known.until == row.until => {
            if known.since.elapsed() < LIFE {
                return Ok(false);
            }
            tracing::warn!(task = name, holder = row.holder, "the holder of a lease is silent; this hub takes over");
            change(hub, name, Some(&row)).await
        }
        _ => {
            *seen = Some(Seen { holder: row.holder, until: row.until, since: Instant::now() });
            Ok(false)
        }
    }
}

async fn insert(hub: &Hub, name: &str) -> Result<bool, StoreError> {
    let tx = hub.store.write().await?;
    let holder = hub.settings.node.clone();
    let row = lease::ActiveModel { name: Set(name.into()), holder: Set(holder), until: Set(hub.now()) };
    let inserted = lease::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(&tx).await;
    tx.commit().await?;
    Ok(matches!(inserted, Ok(sea_orm::TryInsertResult::Inserted(1..))))
}

/// Changes the row, when this node has it or it is still as `from` says; whether it did.
async fn change(hub: &Hub, name: &str, from: Option<&lease::Model>) -> Result<bool, StoreError> {
    let tx = hub.store.write().await?;
    let (holder, until) = match from {
        Some(row) => (row.holder.as_str(), Some(row.until)),
        None => (hub.settings.node.as_str(), None),
    };
    let mut update = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(&hub.settings.node))
        // Of a clock that was set back the row still tells that its holder lives: the time is another one.
        .col_expr(lease::Column::Until, Expr::value(hub.now()))
        .filter(lease::Column::Name.eq(name))
        .filter(lease::Column::Holder.eq(holder));
    if let Some(until) = until {
        update = update.filter(lease::Column::Until.eq(until));
    }
    let changed = update.exec(&tx).await?;
    tx.commit().await?;
    Ok(changed.rows_affected == 1)
}

async fn release(hub: &Hub, name: &str) -> Result<(), StoreError> {
    let tx = hub.store.write().await?;
    lease::Entity::delete_many()
        .filter(lease::Column::Name.eq(name))
        .filter(lease::Column::Holder.eq(&hub.settings.node))
        .exec(&tx)
        .await?;
    tx.commit().await
}
