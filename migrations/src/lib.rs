//! The database's history: one ordered file a step, run by `guildhall migrate` and at the start of `guildhall serve`.
//!
//! A step that has been released is never edited. What a database held at a step stands in `data/STEP.sql`, and a test takes
//! every later step on it. Files are named `m<date>_<number>_<owner>_<what>.rs`.

#![allow(clippy::too_many_lines, reason = "a step names its tables one after another")]

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod chosen;
mod columns;
mod m20261121_0001_shared_base;
mod m20261121_0002_shared_search;
mod m20261121_0010_mail_queues;
mod m20261121_0101_accounts_base;
mod m20261121_0102_accounts_oidc;
mod m20261121_0201_tracker_tables;
mod m20261121_0301_lists_tables;
mod m20261121_0401_commits_base;
mod m20261121_0501_chat_logs;
mod m20261121_0601_site_builds;
mod m20261121_1301_shared_claims;
mod m20261121_1302_shared_secret;
mod m20261121_1401_shared_list_indexes;
mod m20261121_1501_mail_dsn;
mod m20261121_1601_shared_notes;
mod m20261121_1901_shared_search_scope;
mod m20261122_0301_lists_personal;
mod m20261130_0001_shared_job_keys;
mod m20261201_0301_shared_piece_indexes;
mod m20261201_1401_shared_search_place;
#[cfg(debug_assertions)]
mod trial;

pub use chosen::up_to;

/// How often a step gives way to others before it fails.
const GIVES_WAY: usize = 100;
/// How long it lets them go first.
const PAUSE: Duration = Duration::from_millis(200);

/// All steps, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let steps: Vec<Box<dyn MigrationTrait>> = vec![
            Box::new(m20261121_0001_shared_base::Migration),
            Box::new(m20261121_0002_shared_search::Migration),
            Box::new(m20261121_0010_mail_queues::Migration),
            Box::new(m20261121_0101_accounts_base::Migration),
            Box::new(m20261121_0401_commits_base::Migration),
            Box::new(m20261121_0102_accounts_oidc::Migration),
            Box::new(m20261121_0501_chat_logs::Migration),
            Box::new(m20261121_0201_tracker_tables::Migration),
            Box::new(m20261121_0301_lists_tables::Migration),
            Box::new(m20261121_0601_site_builds::Migration),
            Box::new(m20261121_1301_shared_claims::Migration),
            Box::new(m20261121_1302_shared_secret::Migration),
            Box::new(m20261121_1401_shared_list_indexes::Migration),
            Box::new(m20261121_1501_mail_dsn::Migration),
            Box::new(m20261121_1601_shared_notes::Migration),
            Box::new(m20261121_1901_shared_search_scope::Migration),
            Box::new(m20261122_0301_lists_personal::Migration),
            Box::new(m20261130_0001_shared_job_keys::Migration),
            Box::new(m20261201_0301_shared_piece_indexes::Migration),
            Box::new(m20261201_1401_shared_search_place::Migration),
        ];
        #[cfg(debug_assertions)]
        let steps = steps.into_iter().chain(trial::step()).collect();
        steps
    }
}

/// The names of the steps that have not been taken.
pub async fn pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let tx = begin(connection).await?;
    let steps = names(Migrator::get_pending_migrations(&tx).await?);
    tx.commit().await?;
    Ok(steps)
}

/// Takes every step that has not been taken, each in a transaction of its own: a hub that is killed in between has taken
/// it whole or not at all. Of several hubs one at a time takes steps. A database with steps that this program does not
/// know is left alone.
pub async fn up(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let mut taken = 0;
    while take_one(connection).await?.is_some() {
        taken += 1;
    }
    if taken > 0 {
        tracing::info!(taken, "the database has taken its steps");
    }
    Ok(())
}

/// Takes the next step, if there is one; its name. Where another hub serves meanwhile, it is the step that gives way and
/// begins anew: a page that waits for a table is held up for a moment, and none is ended because of it.
pub async fn take_one(connection: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    for _ in 0..GIVES_WAY {
        match try_one(connection).await {
            Err(error) if is_in_the_way(&error) => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
    try_one(connection).await
}

async fn try_one(connection: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    let tx = begin(connection).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        // Less than the second after which PostgreSQL looks for those who wait for each other, and ends any of them.
        tx.execute_unprepared("SET LOCAL lock_timeout = '500ms'").await?;
    }
    let next = names(Migrator::get_pending_migrations(&tx).await?).into_iter().next();
    if let Some(step) = &next {
        tracing::debug!(step, "the database takes a step");
        Migrator::up(&tx, Some(1)).await?;
    }
    tx.commit().await?;
    Ok(next)
}

/// Whether a step waited too long for a table that others use (PostgreSQL: `lock_not_available`, `deadlock_detected`).
fn is_in_the_way(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "55P03" || code == "40P01")
}

fn names(steps: Vec<sea_orm_migration::Migration>) -> Vec<String> {
    steps.iter().map(|step| step.name().to_owned()).collect()
}

/// A transaction that no other hub's steps run beside, on a database that this program knows.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = connection.begin_with_options(options).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_string(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(7100)");
        tx.query_one_raw(lock).await?;
    }
    Migrator::install(&tx).await?;
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let taken = Migrator::get_migration_models(&tx).await?;
    match taken.into_iter().find(|step| !known.contains(&step.version)) {
        None => Ok(tx),
        Some(step) => Err(DbErr::Custom(format!(
            "A newer guildhall has migrated this database (step {}), and this one does not know it. Start the newer program",
            step.version
        ))),
    }
}

/// The names of all steps that this version knows, oldest first.
pub fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}
