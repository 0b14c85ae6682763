//! Who holds a claim, so that a hub that starts again frees those of its former life at once.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["job", "mail_out"] {
            let mut claimed_by = text_null("claimed_by");
            manager.alter_table(Table::alter().table(table).add_column(&mut claimed_by).take()).await?;
        }
        Ok(())
    }
}
