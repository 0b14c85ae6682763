//! What the hub itself remembers: one short text a name.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = ColumnDef::new("name").text().not_null().primary_key().take();
        manager.create_table(table("hub_note", vec![name, text("value")])).await
    }
}
