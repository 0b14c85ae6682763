//! A step that no release has: what the next version might do to a database that this one still serves. Only programs
//! that are built for tests know it, and only when `GUILDHALL_TRIAL_STEP` is set.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The step, where it is wanted.
pub fn step() -> Option<Box<dyn MigrationTrait>> {
    std::env::var_os("GUILDHALL_TRIAL_STEP").map(|_| Box::new(Trial) as Box<dyn MigrationTrait>)
}

struct Trial;

impl MigrationName for Trial {
    fn name(&self) -> &str {
        "m29991231_9999_trial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Trial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Against the order in which a change of an issue writes them, so that they wait for each other.
        for table in ["mail_out", "job", "journal", "tracker_issue", "session"] {
            let mut later = text_null("later");
            manager.alter_table(Table::alter().table(table).add_column(&mut later).take()).await?;
        }
        manager.create_index(index("job", &["later", "run_at"])).await?;
        // Work under way runs into the step, however few rows there are.
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            manager.get_connection().execute_unprepared("SELECT pg_sleep(1)").await?;
        }
        manager.execute(Query::update().table("job").value("later", Expr::col("key")).take()).await
    }
}
