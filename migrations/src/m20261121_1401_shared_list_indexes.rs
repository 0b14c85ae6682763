//! Indexes for lists that were sorted or filtered without one: people by state, jobs, commits of a branch, membership,
//! the lines of a day.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in [
            index("user", &["state", "name"]),
            index("user", &["state", "seen_at"]),
            index("job", &["run_at"]),
            index("revision", &["repository_id", "branch", "id"]),
            index("list_member", &["list_id", "participant_id"]),
            index("chat_line", &["channel_id", "day", "at"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
