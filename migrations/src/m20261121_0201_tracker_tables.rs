//! The tables of the tracker: trackers, their schema as rows, issues with their properties, messages, files, history.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in schema_tables().into_iter().chain(issue_tables()).chain(side_tables()) {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn double(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().not_null().take()
}

fn schema_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "tracker",
            vec![
                id(),
                text("name"),
                text("title"),
                text("template"),
                text("audience"),
                text("may_file"),
                text("may_comment"),
                text("may_change"),
                text("strangers"),
                number("catalog_version"),
                number("version"),
                time("created_at"),
            ],
        ),
        table(
            "tracker_class",
            vec![
                id(),
                number("tracker_id"),
                text("name"),
                text("kind"),
                text("label"),
                number("next_number"),
                small("position"),
                text_null("kept"),
            ],
        )
        .foreign_key(&mut belongs("tracker_class", "tracker_id", "tracker"))
        .take(),
        table(
            "tracker_property",
            vec![
                id(),
                number("class_id"),
                text("name"),
                text("label"),
                text("kind"),
                text("target"),
                ColumnDef::new("slot").integer().take(),
                small("position"),
                yes_no("is_required"),
                text("help"),
            ],
        )
        .foreign_key(&mut belongs("tracker_property", "class_id", "tracker_class"))
        .take(),
        table(
            "tracker_item",
            vec![
                id(),
                number("class_id"),
                number("number"),
                text("name"),
                double("position"),
                text("meaning"),
                yes_no("is_retired"),
                time("created_at"),
                text("kept"),
                text("journal"),
            ],
        )
        .foreign_key(&mut belongs("tracker_item", "class_id", "tracker_class"))
        .take(),
        table(
            "tracker_person",
            vec![
                id(),
                number("tracker_id"),
                number("number"),
                number("participant_id"),
                text("name"),
                yes_no("is_retired"),
                text("kept"),
                text("journal"),
            ],
        )
        .foreign_key(&mut belongs("tracker_person", "tracker_id", "tracker"))
        .foreign_key(&mut refers("tracker_person", "participant_id", "participant"))
        .take(),
    ]
}

fn issue_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "tracker_issue",
            vec![
                id(),
                number("tracker_id"),
                number("number"),
                text("title"),
                number_null("link1"),
                number_null("link2"),
                number_null("link3"),
                number_null("link4"),
                number_null("link5"),
                number_null("link6"),
                number("creator_id"),
                time("created_at"),
                number("actor_id"),
                time("activity_at"),
                yes_no("is_retired"),
                number("message_count"),
                number("version"),
                text_null("kept"),
            ],
        )
        .foreign_key(&mut belongs("tracker_issue", "tracker_id", "tracker"))
        .foreign_key(&mut refers("tracker_issue", "creator_id", "participant"))
        .take(),
        table(
            "tracker_value",
            vec![
                id(),
                number("issue_id"),
                number("property_id"),
                number_null("link"),
                ColumnDef::new("amount").double().take(),
                text_null("text"),
            ],
        )
        .foreign_key(&mut belongs("tracker_value", "issue_id", "tracker_issue"))
        .foreign_key(&mut belongs("tracker_value", "property_id", "tracker_property"))
        .take(),
        table(
            "tracker_message",
            vec![
                id(),
                number("tracker_id"),
                number("number"),
                number_null("issue_id"),
                number("author_id"),
                time("sent_at"),
                time("created_at"),
                text("source"),
                text("format"),
                text("summary"),
                text("body"),
                text("message_id"),
                text("in_reply_to"),
                text("recipients"),
                text_null("raw"),
                yes_no("is_retired"),
                text_null("kept"),
                text_null("journal"),
            ],
        )
        .foreign_key(&mut belongs("tracker_message", "tracker_id", "tracker"))
        .foreign_key(&mut refers("tracker_message", "author_id", "participant"))
        .take(),
        table(
            "tracker_file",
            vec![
                id(),
                number("tracker_id"),
                number("number"),
                number_null("issue_id"),
                number_null("message_number"),
                text("name"),
                text("content_type"),
                text("blob"),
                number("size"),
                number("creator_id"),
                time("created_at"),
                yes_no("is_retired"),
                text_null("kept"),
                text_null("journal"),
            ],
        )
        .foreign_key(&mut belongs("tracker_file", "tracker_id", "tracker"))
        .foreign_key(&mut refers("tracker_file", "creator_id", "participant"))
        .take(),
        table(
            "tracker_history",
            vec![
                id(),
                number("issue_id"),
                time("at"),
                number("participant_id"),
                text("action"),
                text("source"),
                number_null("message_number"),
                text("changes"),
                text_null("kept"),
            ],
        )
        .foreign_key(&mut belongs("tracker_history", "issue_id", "tracker_issue"))
        .foreign_key(&mut refers("tracker_history", "participant_id", "participant"))
        .take(),
    ]
}

fn side_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "tracker_query",
            vec![
                id(),
                number("tracker_id"),
                number("number"),
                number("owner_id"),
                yes_no("is_private"),
                text("name"),
                text("query"),
                yes_no("is_retired"),
                time("created_at"),
                text("kept"),
                text("journal"),
            ],
        )
        .foreign_key(&mut belongs("tracker_query", "tracker_id", "tracker"))
        .foreign_key(&mut refers("tracker_query", "owner_id", "participant"))
        .take(),
        table(
            "tracker_held",
            vec![
                id(),
                number("tracker_id"),
                text("raw"),
                text("rcpt"),
                text("from_name"),
                text("from_address"),
                text("subject"),
                text("excerpt"),
                text("message_id"),
                time("at"),
            ],
        )
        .foreign_key(&mut belongs("tracker_held", "tracker_id", "tracker"))
        .take(),
        table("tracker_commit", vec![id(), number("issue_id"), text("repository"), text("commit_id")])
            .foreign_key(&mut belongs("tracker_commit", "issue_id", "tracker_issue"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let issues = |column| index("tracker_issue", &["tracker_id", "is_retired", column, "activity_at"]);
    vec![
        unique("tracker", &["name"]),
        unique("tracker_class", &["tracker_id", "name"]),
        unique("tracker_property", &["class_id", "name"]),
        unique("tracker_item", &["class_id", "number"]),
        unique("tracker_person", &["tracker_id", "number"]),
        unique("tracker_person", &["tracker_id", "participant_id"]),
        index("tracker_person", &["participant_id"]),
        unique("tracker_issue", &["tracker_id", "number"]),
        index("tracker_issue", &["tracker_id", "is_retired", "activity_at"]),
        index("tracker_issue", &["tracker_id", "is_retired", "created_at"]),
        issues("link1"),
        issues("link2"),
        issues("link3"),
        issues("link4"),
        issues("creator_id"),
        index("tracker_issue", &["creator_id"]),
        index("tracker_value", &["issue_id"]),
        index("tracker_value", &["property_id", "link"]),
        index("tracker_value", &["property_id", "amount"]),
        unique("tracker_message", &["tracker_id", "number"]),
        index("tracker_message", &["issue_id"]),
        index("tracker_message", &["message_id"]),
        index("tracker_message", &["author_id"]),
        unique("tracker_file", &["tracker_id", "number"]),
        index("tracker_file", &["issue_id"]),
        index("tracker_file", &["creator_id"]),
        index("tracker_history", &["issue_id"]),
        index("tracker_history", &["participant_id"]),
        unique("tracker_query", &["tracker_id", "number"]),
        index("tracker_query", &["owner_id"]),
        index("tracker_held", &["tracker_id", "at"]),
        unique("tracker_commit", &["issue_id", "repository", "commit_id"]),
    ]
}
