//! What a hub of an earlier time had written (`migrations/data`), brought into a database at its step.

use std::path::Path;

use store::Store;
use store::sea_orm::{ConnectionTrait, DbBackend, Statement};

/// What a hub had written at a step.
pub fn data(step: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/data");
    std::fs::read_to_string(folder.join(format!("{step}.sql"))).ok()
}

/// Rows of one column of text.
pub async fn texts(store: &Store, sql: String) -> Vec<String> {
    let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql.clone())).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

/// Every table that holds rows of the product, by name.
pub async fn tables(store: &Store) -> Vec<String> {
    let sql = match store.backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search_text%' ORDER BY 1"
        }
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    };
    texts(store, sql.into()).await.into_iter().filter(|table| table != "seaql_migrations").collect()
}

/// Fills a database with the rows of a step, as its own dialect writes them.
pub async fn fill(store: &Store, sql: &str) {
    if store.backend() == DbBackend::Sqlite {
        store.migrating().execute_unprepared(sql).await.expect("the rows of the step");
        return;
    }
    let sql = sql.replace(", X'", ", '\\x");
    store.migrating().execute_unprepared(&sql).await.expect("the rows of the step");
    // CASE holds the order: a table without this column has no sequence of it to ask for.
    let counted = "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND CASE \
                   WHEN column_name = 'id' THEN pg_get_serial_sequence(quote_ident(table_name), 'id') IS NOT NULL END";
    for table in texts(store, counted.into()).await {
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id))::text FROM \"{table}\" HAVING max(id) > 0"
        );
        texts(store, next).await;
    }
}
