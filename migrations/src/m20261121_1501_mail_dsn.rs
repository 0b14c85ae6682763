//! What the sender of a mail wants to be told about it (RFC 3461).

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["mail_in", "mail_in_rcpt"] {
            let mut dsn = text_null("dsn");
            manager.alter_table(Table::alter().table(table).add_column(&mut dsn).take()).await?;
        }
        Ok(())
    }
}
