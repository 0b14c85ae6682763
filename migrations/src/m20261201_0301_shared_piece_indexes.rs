//! Indexes for what was sorted without one: the posts of a list and of a month in the order in which they were kept, as their
//! archives are sent, and the branches that moved last.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in [
            index("list_post", &["list_id", "id"]),
            index("list_post", &["list_id", "month", "id"]),
            index("branch", &["repository_id", "moved_at"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
