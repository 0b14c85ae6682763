//! The tables of the mailing lists: lists, members, what waits, posts and their threads.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in people().into_iter().chain(archive()) {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn people() -> Vec<TableCreateStatement> {
    vec![
        table(
            "mailing_list",
            vec![
                id(),
                text("name"),
                text("title"),
                text("description"),
                text("audience"),
                text("roster"),
                yes_no("is_listed"),
                yes_no("is_announce"),
                yes_no("needs_approval"),
                text("member_action"),
                text("nonmember_action"),
                yes_no("is_emergency"),
                text("subject_prefix"),
                number("max_size"),
                small("max_rcpts"),
                small("bounce_threshold"),
                small("bounce_stale_days"),
                number("post_count"),
                time_null("last_post_at"),
                time("created_at"),
            ],
        ),
        table(
            "list_member",
            vec![
                id(),
                number("list_id"),
                text("address"),
                text("address_key"),
                text("name"),
                number("participant_id"),
                text("delivery"),
                text_null("moderation"),
                yes_no("own_posts"),
                yes_no("no_duplicates"),
                yes_no("is_hidden"),
                text("token"),
                small("bounce_score"),
                time_null("bounced_at"),
                time("joined_at"),
            ],
        )
        .foreign_key(&mut belongs("list_member", "list_id", "mailing_list"))
        .foreign_key(&mut refers("list_member", "participant_id", "participant"))
        .take(),
        table(
            "list_pending",
            vec![
                id(),
                number("list_id"),
                text("kind"),
                text("address"),
                text("name"),
                text("hash"),
                time("created_at"),
                time("expires_at"),
            ],
        )
        .foreign_key(&mut belongs("list_pending", "list_id", "mailing_list"))
        .take(),
        table("list_ban", vec![id(), number("list_id"), text("pattern"), time("created_at")])
            .foreign_key(&mut belongs("list_ban", "list_id", "mailing_list"))
            .take(),
        table(
            "list_bounce",
            vec![
                id(),
                number("list_id"),
                text("address_key"),
                time("at"),
                text("status"),
                text("reason"),
                yes_no("scored"),
            ],
        )
        .foreign_key(&mut belongs("list_bounce", "list_id", "mailing_list"))
        .take(),
        table("list_answer", vec![text("address_key"), text("day"), small("count")])
            .primary_key(Index::create().col("address_key").col("day"))
            .take(),
    ]
}

fn archive() -> Vec<TableCreateStatement> {
    vec![
        table(
            "list_thread",
            vec![
                id(),
                number("list_id"),
                text("begun_by"),
                text("root_message_id"),
                yes_no("root_is_reply"),
                text("subject"),
                number("participant_id"),
                number("last_participant_id"),
                time("started_at"),
                time("last_at"),
                number("post_count"),
            ],
        )
        .foreign_key(&mut belongs("list_thread", "list_id", "mailing_list"))
        .take(),
        table("list_message_id", vec![number("list_id"), text("hash"), number("thread_id")])
            .primary_key(Index::create().col("list_id").col("hash"))
            .foreign_key(&mut belongs("list_message_id", "list_id", "mailing_list"))
            .take(),
        table(
            "list_post",
            vec![
                id(),
                number("list_id"),
                number("thread_id"),
                text("message_id"),
                text("hash"),
                small("copy"),
                text("refs"),
                number("participant_id"),
                text("author"),
                text("subject"),
                text("body"),
                yes_no("has_html"),
                time("at"),
                text("month"),
                time("received_at"),
                text("source"),
                text("blob"),
                number("size"),
                small("files"),
                text("judgement"),
            ],
        )
        .foreign_key(&mut belongs("list_post", "list_id", "mailing_list"))
        .foreign_key(&mut refers("list_post", "thread_id", "list_thread"))
        .foreign_key(&mut refers("list_post", "participant_id", "participant"))
        .take(),
        table(
            "list_attachment",
            vec![number("post_id"), small("position"), text("name"), text("content_type"), number("size")],
        )
        .primary_key(Index::create().col("post_id").col("position"))
        .foreign_key(&mut belongs("list_attachment", "post_id", "list_post"))
        .take(),
        table(
            "list_held",
            vec![
                id(),
                number("list_id"),
                number("participant_id"),
                text("author"),
                text("address"),
                text("message_id"),
                text("subject"),
                text("excerpt"),
                text("blob"),
                number("size"),
                text("envelope_from"),
                text("source"),
                text("rule"),
                text("reason"),
                text("judgement"),
                text("hash"),
                time("received_at"),
            ],
        )
        .foreign_key(&mut belongs("list_held", "list_id", "mailing_list"))
        .foreign_key(&mut refers("list_held", "participant_id", "participant"))
        .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("mailing_list", &["name"]),
        unique("list_member", &["list_id", "address_key"]),
        unique("list_member", &["token"]),
        index("list_member", &["participant_id"]),
        index("list_member", &["address_key"]),
        unique("list_pending", &["hash"]),
        index("list_pending", &["list_id", "kind", "address"]),
        index("list_pending", &["expires_at"]),
        unique("list_ban", &["list_id", "pattern"]),
        index("list_bounce", &["list_id", "address_key", "at"]),
        unique("list_thread", &["list_id", "begun_by"]),
        index("list_thread", &["list_id", "last_at"]),
        index("list_message_id", &["thread_id"]),
        unique("list_post", &["list_id", "hash", "copy"]),
        index("list_post", &["hash"]),
        index("list_post", &["thread_id", "at"]),
        index("list_post", &["list_id", "at"]),
        index("list_post", &["list_id", "month", "at"]),
        index("list_post", &["participant_id"]),
        unique("list_held", &["hash"]),
        index("list_held", &["list_id", "received_at"]),
        index("list_held", &["received_at"]),
    ]
}
