//! Rows in bulk, as `fill.sql` has them.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use store::Store;

/// The Message-ID-Hash of the first post that `fill.sql` makes, `post1@hub.test`.
const HASH: &str = "EMO2XWTD7HY63PF7DHGVVN4ORPMUVZ3A";

/// Puts `count` rows into every table that grows.
pub async fn fill(store: &Store, count: u64) {
    let tx = store.write().await.expect("a transaction");
    let blob =
        store::blobs::put(&tx, b"From: person@example.net\r\nSubject: bulk\r\n\r\nText.\r\n").await.expect("a blob");
    tx.commit().await.expect("a commit");
    let connection = store.migrating();
    let sqlite = store.backend() == DbBackend::Sqlite;
    let slot = async |name: &str| format!("link{}", number(connection, "slot", name).await);
    let names = [
        ("{P}", format!("(CASE WHEN n % 2 = 0 THEN 1001 ELSE 1001 + n % {} END)", count.min(97))),
        ("{N}", count.to_string()),
        ("{BLOB}", blob.to_string()),
        ("{HASH}", HASH.to_owned()),
        ("{TRACKER}", one(connection, "SELECT id FROM tracker").await.to_string()),
        ("{STATUS}", slot("status").await),
        ("{PRIORITY}", slot("priority").await),
        ("{ASSIGNED}", slot("assignedto").await),
        ("{KEYWORD}", number(connection, "id", "keyword").await.to_string()),
        ("{NOSY}", number(connection, "id", "nosy").await.to_string()),
        ("{SUPERSEDER}", number(connection, "id", "superseder").await.to_string()),
    ];
    let mut sql = include_str!("fill.sql").to_owned();
    for (name, value) in names {
        sql = sql.replace(name, &value);
    }
    let before = if sqlite { "PRAGMA synchronous = OFF; BEGIN" } else { "BEGIN" };
    let after = if sqlite { "COMMIT" } else { "COMMIT; ANALYZE" };
    run(connection, &format!("{before}; {}; {sql} DROP TABLE numbers; {after}", numbers(sqlite, count))).await;
    store.analyze().await.expect("the rows are looked at, as the hub does by itself");
}

pub(super) async fn run(connection: &DatabaseConnection, sql: &str) {
    if let Err(error) = connection.execute_unprepared(sql).await {
        panic!("fill.sql no longer fits the tables: {error}");
    }
}

fn numbers(sqlite: bool, count: u64) -> String {
    // 2025-11-20, then a row every five minutes.
    const START: u64 = 1_763_596_800;
    if sqlite {
        let time = |format: &str| format!("strftime('{format}', {START} + n * 300, 'unixepoch')");
        return format!(
            "CREATE TABLE numbers AS WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {count}) \
             SELECT n, {} AS at, '2026-11-21T11:00:00+00:00' AS now, {} AS day, {} AS month, \
             printf('%08x%032x', (n * 2654435761) % 4294967296, n) AS hex FROM k",
            time("%Y-%m-%dT%H:%M:%S+00:00"),
            time("%Y-%m-%d"),
            time("%Y-%m")
        );
    }
    let time = format!("to_timestamp({START} + n * 300)");
    let word = |format: &str| format!("to_char({time} AT TIME ZONE 'UTC', '{format}')");
    format!(
        "CREATE TABLE numbers AS SELECT n, {time} AS at, timestamptz '2026-11-21 11:00:00+00' AS now, {} AS day, \
         {} AS month, lpad(to_hex((n * 2654435761) % 4294967296), 8, '0') || lpad(to_hex(n), 32, '0') AS hex \
         FROM generate_series(1::bigint, {count}::bigint) AS n",
        word("YYYY-MM-DD"),
        word("YYYY-MM")
    )
}

pub(super) async fn one(connection: &DatabaseConnection, sql: &str) -> i64 {
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    row.expect("a query").expect("a row").try_get_by_index(0).expect("a number")
}

/// A number of a property of issues.
async fn number(connection: &DatabaseConnection, column: &str, property: &str) -> i64 {
    let sql = format!(
        "SELECT CAST(p.{column} AS BIGINT) FROM tracker_property p JOIN tracker_class c ON c.id = p.class_id \
         WHERE c.name = 'issue' AND p.name = '{property}'"
    );
    one(connection, &sql).await
}
