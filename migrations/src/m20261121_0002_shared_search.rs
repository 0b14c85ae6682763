//! The search index: one table of documents, full text kept in step by triggers (FTS5) or a generated column (tsvector).

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const FTS5: [&str; 4] = [
    "CREATE VIRTUAL TABLE search_text USING fts5(title, body, content='search_document', content_rowid='id', \
     tokenize='unicode61 remove_diacritics 2', prefix='3')",
    "CREATE TRIGGER search_document_insert AFTER INSERT ON search_document BEGIN \
     INSERT INTO search_text(rowid, title, body) VALUES (new.id, new.title, new.body); END",
    "CREATE TRIGGER search_document_delete AFTER DELETE ON search_document BEGIN \
     INSERT INTO search_text(search_text, rowid, title, body) VALUES ('delete', old.id, old.title, old.body); END",
    "CREATE TRIGGER search_document_update AFTER UPDATE ON search_document BEGIN \
     INSERT INTO search_text(search_text, rowid, title, body) VALUES ('delete', old.id, old.title, old.body); \
     INSERT INTO search_text(rowid, title, body) VALUES (new.id, new.title, new.body); END",
];

const TSVECTOR: [&str; 2] = [
    "ALTER TABLE search_document ADD COLUMN words tsvector GENERATED ALWAYS AS \
     (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'D')) STORED",
    "CREATE INDEX search_document_words ON search_document USING gin(words)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let document = table(
            "search_document",
            vec![
                id(),
                text("key"),
                text("module"),
                text("kind"),
                text("url"),
                text("title"),
                text("body"),
                number_null("participant_id"),
                time("at"),
                text("audience"),
            ],
        );
        manager.create_table(document).await?;
        let mention = table("search_mention", vec![number("document_id"), text("target")])
            .primary_key(Index::create().col("document_id").col("target"))
            .foreign_key(&mut belongs("search_mention", "document_id", "search_document"))
            .take();
        manager.create_table(mention).await?;
        manager.create_index(unique("search_document", &["key"])).await?;
        manager.create_index(index("search_document", &["url"])).await?;
        manager.create_index(index("search_mention", &["target"])).await?;
        let connection = manager.get_connection();
        let statements: &[&str] = match manager.get_database_backend() {
            DbBackend::Sqlite => &FTS5,
            _ => &TSVECTOR,
        };
        for statement in statements {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
