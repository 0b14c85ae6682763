//! Where a document lies becomes words of the full-text index: a search in one list, or for one person, reads only what
//! lies there. Titles get an index of their own on PostgreSQL, as they have a column of their own in FTS5.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The scope of `lists/post/dev/77` by the participant 5: `inlists lists/post/dev/ by5`.
const FTS5: [&str; 9] = [
    "DROP TRIGGER search_document_insert",
    "DROP TRIGGER search_document_delete",
    "DROP TRIGGER search_document_update",
    "DROP TABLE search_text",
    "CREATE VIEW search_content AS SELECT id, title, body, 'in' || module || ' ' || rtrim(key, replace(key, '/', '')) \
     || ' by' || COALESCE(participant_id, 0) AS scope FROM search_document",
    "CREATE VIRTUAL TABLE search_text USING fts5(title, body, scope, content='search_content', content_rowid='id', \
     tokenize='unicode61 remove_diacritics 2', prefix='3')",
    "INSERT INTO search_text(search_text) VALUES ('rebuild')",
    "CREATE TRIGGER search_document_insert AFTER INSERT ON search_document BEGIN \
     INSERT INTO search_text(rowid, title, body, scope) SELECT id, title, body, scope FROM search_content WHERE id = new.id; END",
    "CREATE TRIGGER search_document_delete BEFORE DELETE ON search_document BEGIN \
     INSERT INTO search_text(search_text, rowid, title, body, scope) \
     SELECT 'delete', id, title, body, scope FROM search_content WHERE id = old.id; END",
];

/// What the audience may see changes nothing here; every other change does.
const FTS5_UPDATE: [&str; 2] = [
    "CREATE TRIGGER search_document_update_old BEFORE UPDATE OF id, key, module, title, body, participant_id \
     ON search_document BEGIN \
     INSERT INTO search_text(search_text, rowid, title, body, scope) \
     SELECT 'delete', id, title, body, scope FROM search_content WHERE id = old.id; END",
    "CREATE TRIGGER search_document_update_new AFTER UPDATE OF id, key, module, title, body, participant_id \
     ON search_document BEGIN \
     INSERT INTO search_text(rowid, title, body, scope) SELECT id, title, body, scope FROM search_content WHERE id = new.id; END",
];

const TSVECTOR: [&str; 1] =
    ["CREATE INDEX search_document_title ON search_document USING gin(to_tsvector('simple', title))"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: Vec<&str> = match manager.get_database_backend() {
            DbBackend::Sqlite => FTS5.into_iter().chain(FTS5_UPDATE).collect(),
            _ => TSVECTOR.into(),
        };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
