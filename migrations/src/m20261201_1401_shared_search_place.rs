//! An index of the place of each document, by which SQLite tells where it lies without reading it: a list of issues with
//! words in its filters looks up each document that has them.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            manager.create_index(index("search_document", &["id", "key"])).await?;
        }
        Ok(())
    }
}
