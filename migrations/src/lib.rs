//! The database's history: one ordered file a step, run by `guildhall migrate` and at the start of `guildhall serve`.
//!
//! A step that has been released is never edited. Files are named `m<date>_<number>_<owner>_<what>.rs`.

use sea_orm::DatabaseConnection;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

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

/// All steps, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
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
        ]
    }
}

/// The names of the steps that have not been taken.
pub async fn pending(connection: &DatabaseConnection) -> Result<Vec<String>, sea_orm::DbErr> {
    let steps = Migrator::get_pending_migrations(connection).await?;
    Ok(steps.iter().map(|step| step.name().to_owned()).collect())
}

/// Takes every step that has not been taken.
pub async fn up(connection: &DatabaseConnection) -> Result<(), sea_orm::DbErr> {
    Migrator::up(connection, None).await
}
