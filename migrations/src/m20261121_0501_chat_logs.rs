//! Channels, their lines, and what the bot has to say.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let channel =
            vec![id(), text("network"), text("name"), text("folded"), text("topic"), text("state"), time("seen_at")];
        let line = vec![
            id(),
            number("channel_id"),
            time("at"),
            text("day"),
            text("mark"),
            text("kind"),
            text("nick"),
            text("account"),
            text("text"),
            bytes_null("raw"),
        ];
        let say = vec![
            id(),
            text("network"),
            text("channel"),
            text("text"),
            small("rank"),
            time("created_at"),
            time_null("said_at"),
        ];
        manager.create_table(table("chat_channel", channel)).await?;
        let line = table("chat_line", line).foreign_key(&mut belongs("chat_line", "channel_id", "chat_channel")).take();
        manager.create_table(line).await?;
        manager.create_table(table("chat_say", say)).await?;
        for index in [
            unique("chat_channel", &["network", "folded"]),
            unique("chat_line", &["channel_id", "day", "mark"]),
            index("chat_line", &["channel_id", "at"]),
            index("chat_say", &["network", "said_at", "rank", "id"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
