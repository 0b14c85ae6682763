//! The tables of accounts: passwords, tickets (one-time links) and the audit log.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let owner = || ColumnDef::new("user_id").big_integer().not_null().primary_key().take();
    vec![
        table("account_password", vec![owner(), text("hash"), time("changed_at")])
            .foreign_key(&mut belongs("account_password", "user_id", "user"))
            .take(),
        table(
            "account_ticket",
            vec![
                id(),
                text("kind"),
                text("hash"),
                number_null("user_id"),
                text("address"),
                text("data"),
                time("created_at"),
                time("expires_at"),
            ],
        )
        .foreign_key(&mut belongs("account_ticket", "user_id", "user"))
        .take(),
        table(
            "account_audit",
            vec![
                id(),
                time("at"),
                text("kind"),
                number_null("user_id"),
                text("name"),
                text("actor"),
                text("address"),
                text("agent"),
                text("detail"),
            ],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("account_ticket", &["hash"]),
        index("account_ticket", &["kind", "address"]),
        index("account_ticket", &["user_id"]),
        index("account_ticket", &["expires_at"]),
        index("account_audit", &["user_id", "id"]),
        index("account_audit", &["kind", "id"]),
    ]
}
