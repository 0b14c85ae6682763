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

/// Waits for the journal, and has it until the commit. A change that holds a row for which others wait takes the journal
/// before the row: a transaction of several changes has the journal from the first on, and would wait for the row of the
/// second while its holder waits for the journal.
pub async fn hold(tx: &Tx) -> Result<(), StoreError> {
    // On SQLite there is one writer at a time.
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_string(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(7101)");
        tx.query_one_raw(lock).await?;
    }
    Ok(())
}

/// Appends an event in the transaction of the change that it tells of; its number comes back.
pub async fn append(tx: &Tx, actor: &Actor, event: Event) -> Result<i64, StoreError> {
    hold(tx).await?;
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
    let id = journal::Entity::insert(row).exec(tx).await?.last_insert_id;
    tx.ring(BELL);
    Ok(id)
}
