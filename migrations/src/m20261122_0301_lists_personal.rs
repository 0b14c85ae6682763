//! Whether each member of a list gets a copy of their own, with their own return path and link.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut is_personal = yes_no("is_personal").default(true).take();
        manager.alter_table(Table::alter().table("mailing_list").add_column(&mut is_personal).take()).await
    }
}
