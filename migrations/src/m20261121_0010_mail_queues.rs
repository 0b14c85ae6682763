//! The tables of mail: what came in and for whom, what goes out and to whom.

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
            "mail_in",
            vec![id(), text("blob"), number("size"), text("envelope_from"), text("via"), time("received_at")],
        ),
        table(
            "mail_in_rcpt",
            vec![
                id(),
                number("mail_id"),
                text("address"),
                text("mailbox"),
                text("state"),
                small("tries"),
                time_null("due_at"),
                text("reply"),
                time_null("done_at"),
            ],
        )
        .foreign_key(&mut belongs("mail_in_rcpt", "mail_id", "mail_in"))
        .take(),
        table(
            "mail_out",
            vec![
                id(),
                text("about"),
                text("blob"),
                number("size"),
                text("headers"),
                text_null("personal"),
                text("return_kind"),
                text("return_path"),
                text("message_id"),
                text("subject"),
                yes_no("eight_bit"),
                yes_no("utf8"),
                time("created_at"),
                time_null("due_at"),
                time_null("claimed_until"),
            ],
        ),
        table(
            "mail_out_rcpt",
            vec![
                id(),
                number("mail_id"),
                text("address"),
                text_null("token"),
                text("state"),
                small("tries"),
                time_null("due_at"),
                text("reply"),
                time_null("done_at"),
            ],
        )
        .foreign_key(&mut belongs("mail_out_rcpt", "mail_id", "mail_out"))
        .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("mail_in_rcpt", &["mail_id"]),
        index("mail_in_rcpt", &["due_at"]),
        index("mail_in_rcpt", &["state", "id"]),
        index("mail_out", &["due_at"]),
        index("mail_out", &["about"]),
        index("mail_out_rcpt", &["mail_id", "state"]),
        index("mail_out_rcpt", &["state", "id"]),
    ]
}
