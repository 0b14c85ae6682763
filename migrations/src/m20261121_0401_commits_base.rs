//! The tables of commits: repositories, pushes, the refs a push moved, revisions.

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
    vec![
        table(
            "repository",
            vec![
                id(),
                text("name"),
                text("vcs"),
                text("path"),
                text("description"),
                text("list_address"),
                text("channel"),
                text("tracker"),
                text("closes_on"),
                text("token"),
                text("audience"),
                time("created_at"),
                time_null("pushed_at"),
            ],
        ),
        table(
            "push",
            vec![
                id(),
                number("repository_id"),
                text("record"),
                text("source"),
                text("raw"),
                text("pusher"),
                number_null("participant_id"),
                time("at"),
                time("recorded_at"),
                number("total"),
                time_null("mailed_at"),
            ],
        )
        .foreign_key(&mut belongs("push", "repository_id", "repository"))
        .foreign_key(&mut refers("push", "participant_id", "participant"))
        .take(),
        table(
            "push_ref",
            vec![
                id(),
                number("push_id"),
                small("position"),
                text("refname"),
                text("kind"),
                text("change"),
                text("old_id"),
                text("new_id"),
                number("fresh"),
                text("summary"),
            ],
        )
        .foreign_key(&mut belongs("push_ref", "push_id", "push"))
        .take(),
        table(
            "revision",
            vec![
                id(),
                number("repository_id"),
                number_null("push_id"),
                number_null("push_ref_id"),
                small("position"),
                text("commit_id"),
                number_null("number"),
                text("author_name"),
                text("author_email"),
                number_null("participant_id"),
                text("committer"),
                time("authored_at"),
                small("authored_offset"),
                time("committed_at"),
                text("subject"),
                text("message"),
                text("parents"),
                small("files"),
                number("added"),
                number("removed"),
                text("changes"),
                text("branch"),
                text("elsewhere"),
            ],
        )
        .foreign_key(&mut belongs("revision", "repository_id", "repository"))
        .foreign_key(&mut belongs("revision", "push_id", "push"))
        .foreign_key(&mut belongs("revision", "push_ref_id", "push_ref"))
        .foreign_key(&mut refers("revision", "participant_id", "participant"))
        .take(),
        table("branch", vec![id(), number("repository_id"), text("refname"), text("head"), time("moved_at")])
            .foreign_key(&mut belongs("branch", "repository_id", "repository"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("repository", &["name"]),
        unique("push", &["repository_id", "record"]),
        index("push", &["repository_id", "at"]),
        index("push", &["at"]),
        index("push", &["mailed_at", "repository_id"]),
        index("push", &["participant_id"]),
        index("push_ref", &["push_id", "position"]),
        unique("revision", &["repository_id", "commit_id"]),
        index("revision", &["commit_id"]),
        index("revision", &["number"]),
        index("revision", &["push_id", "position"]),
        index("revision", &["push_ref_id"]),
        index("revision", &["repository_id", "id"]),
        index("revision", &["participant_id"]),
        unique("branch", &["repository_id", "refname"]),
    ]
}
