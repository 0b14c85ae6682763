//! Writing the journal.

use chrono::{DateTime, Utc};
use people::{Actor, ParticipantId};
use sea_orm::sea_query::{Expr, LikeExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use store::{StoreError, Tx};

use crate::entity::journal;
use crate::{BELL, Event};

/// One entry of the journal.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number: later entries have higher ones; numbers may be skipped.
    pub id: i64,
    pub at: DateTime<Utc>,
    /// Who did it, when it was somebody.
    pub participant: Option<ParticipantId>,
    /// The name of who did it, as it was then.
    pub actor: String,
    pub event: Event,
}

/// Lets every entry of `module` whose page lies below `url` be seen by another audience only: what was public may become
/// private, and its subjects with it.
pub async fn show_to(tx: &Tx, module: &str, url: &str, audience: &str) -> Result<(), StoreError> {
    let literal = url.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let below = LikeExpr::new(format!("{literal}%")).escape('\\');
    journal::Entity::update_many()
        .col_expr(journal::Column::Audience, Expr::value(audience))
        .filter(journal::Column::Module.eq(module))
        .filter(journal::Column::Url.like(below))
        .filter(journal::Column::Audience.ne("admins"))
        .exec(tx)
        .await?;
    Ok(())
}

/// Appends an event in the transaction of the change that it tells of, as the last that it does. On PostgreSQL numbers are
/// given under a lock that all changes wait for, and whoever has it must wait for none of them.
pub fn append(tx: &Tx, actor: &Actor, event: Event) -> Result<(), StoreError> {
    let headline = event.headline();
    let payload = serde_json::to_string(&event)
        .map_err(|error| sea_orm::DbErr::Custom(format!("an event could not be written as JSON: {error}")))?;
    let row = journal::ActiveModel {
        at: Set(tx.now()),
        kind: Set(event.kind().into()),
        module: Set(headline.module.into()),
        participant_id: Set(actor.participant()),
        actor: Set(actor.name().to_owned()),
        headline: Set(headline.text),
        url: Set(headline.url),
        audience: Set(headline.audience),
        payload: Set(payload),
        ..Default::default()
    };
    tx.before_commit(|tx| Box::pin(write(tx, row)));
    tx.ring(BELL);
    Ok(())
}

async fn write(tx: &Tx, row: journal::ActiveModel) -> Result<(), StoreError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_string(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(7101)");
        tx.query_one_raw(lock).await?;
    }
    journal::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
