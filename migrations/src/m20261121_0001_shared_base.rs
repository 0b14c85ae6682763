//! The tables of the shared crates: blobs, people, journal, jobs, sessions.

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
    let key = |name| ColumnDef::new(name).text().not_null().primary_key().take();
    vec![
        table("blob", vec![key("hash"), number("size"), bytes_null("body")]),
        table(
            "user",
            vec![
                id(),
                text("name"),
                text("display_name"),
                text("state"),
                number("participant_id"),
                text("timezone"),
                text("about"),
                time("created_at"),
                time_null("seen_at"),
            ],
        ),
        table("participant", vec![id(), number_null("user_id"), text("name"), text("address"), time("created_at")]),
        table(
            "user_email",
            vec![id(), number("user_id"), text("address"), time_null("confirmed_at"), yes_no("is_primary")],
        )
        .foreign_key(&mut belongs("user_email", "user_id", "user"))
        .take(),
        table("user_group", vec![id(), text("name"), text("description")]),
        table("group_member", vec![number("group_id"), number("user_id"), yes_no("is_admin")])
            .primary_key(Index::create().col("group_id").col("user_id"))
            .foreign_key(&mut belongs("group_member", "group_id", "user_group"))
            .foreign_key(&mut belongs("group_member", "user_id", "user"))
            .take(),
        table("role_grant", vec![id(), text("role"), text("scope"), number_null("user_id"), number_null("group_id")])
            .foreign_key(&mut belongs("role_grant", "user_id", "user"))
            .foreign_key(&mut belongs("role_grant", "group_id", "user_group"))
            .take(),
        table(
            "api_token",
            vec![
                id(),
                number("user_id"),
                text("label"),
                text("hash"),
                text("scopes"),
                time("created_at"),
                time_null("expires_at"),
                time_null("used_at"),
            ],
        )
        .foreign_key(&mut belongs("api_token", "user_id", "user"))
        .take(),
        table(
            "session",
            vec![
                id(),
                number("user_id"),
                text("hash"),
                text("address"),
                text("agent"),
                time("created_at"),
                time("seen_at"),
                time("expires_at"),
                time("confirmed_at"),
            ],
        )
        .foreign_key(&mut belongs("session", "user_id", "user"))
        .take(),
        table(
            "journal",
            vec![
                id(),
                time("at"),
                text("kind"),
                text("module"),
                number_null("participant_id"),
                text("actor"),
                text("headline"),
                text("url"),
                text("audience"),
                text("payload"),
            ],
        ),
        table("journal_cursor", vec![key("subscriber"), number("entry_id")]),
        table("journal_parked", vec![text("subscriber"), number("entry_id"), time("at"), text("reason")])
            .primary_key(Index::create().col("subscriber").col("entry_id"))
            .take(),
        table(
            "job",
            vec![
                id(),
                text("name"),
                text_null("waiting_key"),
                text("payload"),
                text("state"),
                time("run_at"),
                time("created_at"),
                small("tries"),
                time_null("claimed_until"),
                text("error"),
            ],
        ),
        table("lease", vec![key("name"), text("holder"), time("until")]),
        table("schedule", vec![key("name"), time("next_at")]),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("user", &["name"]),
        unique("participant", &["address"]),
        index("participant", &["user_id"]),
        unique("user_email", &["address"]),
        index("user_email", &["user_id"]),
        unique("user_group", &["name"]),
        index("group_member", &["user_id"]),
        index("role_grant", &["user_id"]),
        index("role_grant", &["group_id"]),
        index("role_grant", &["scope", "role"]),
        unique("api_token", &["hash"]),
        index("api_token", &["user_id"]),
        unique("session", &["hash"]),
        index("session", &["user_id"]),
        index("journal", &["audience", "id"]),
        index("journal", &["participant_id", "id"]),
        index("journal", &["module", "id"]),
        index("journal", &["kind", "id"]),
        unique("job", &["waiting_key"]),
        index("job", &["state", "run_at"]),
    ]
}
