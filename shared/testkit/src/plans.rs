//! What a statement costs: its plan, and how much it reads. The same numbers on any machine, however busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, JsonValue, Statement};
use store::Store;

/// Instructions of SQLite's machine between two looks at the counter.
const STEP: u64 = 50;

/// What one statement costs.
#[derive(Clone, Debug)]
pub struct Weight {
    pub sql: String,
    /// SQLite: instructions of its virtual machine; an index entry that is passed costs about four. PostgreSQL: rows that
    /// any node of the plan read, also those that it dropped. 0 for a statement that writes: it is not run again.
    pub work: u64,
    /// The plan, one step a line.
    pub plan: String,
    /// Tables that are read from end to end, as the statement calls them, and how many of their rows. SQLite does not say
    /// how many a reading statement takes: as many as its work allows.
    pub scanned: Vec<(String, u64)>,
    /// Rows that were sorted without an index. SQLite does not say how many: as many as its work allows.
    pub sorted: u64,
}

/// Instructions of SQLite's machine for a row that is passed, and for one that is sorted, at the least.
const PASSED: u64 = 4;
const SORTED: u64 = 20;
/// A table of more rows is large: it is not counted further.
const COUNTED: u64 = 10_000;

/// Weighs the statements of a store.
pub struct Scales {
    store: Store,
    steps: Arc<AtomicU64>,
}

impl Scales {
    /// Scales for the statements of `store`. They take the one connection that writes, so nothing else may run.
    pub async fn new(store: &Store) -> Self {
        let steps = Arc::new(AtomicU64::new(0));
        if store.backend() == DbBackend::Sqlite {
            let pool = store.migrating().get_sqlite_connection_pool();
            let mut connection = pool.acquire().await.expect("the connection");
            let counter = steps.clone();
            connection.lock_handle().await.expect("the handle").set_progress_handler(STEP as i32, move || {
                counter.fetch_add(STEP, Ordering::Relaxed);
                true
            });
        }
        Self { store: store.clone(), steps }
    }

    /// Weighs one statement. A reading one is run once more for it.
    pub async fn weigh(&self, statement: &Statement) -> Weight {
        match self.store.backend() {
            DbBackend::Sqlite => self.weigh_sqlite(statement).await,
            _ => self.weigh_postgres(statement).await,
        }
    }

    async fn weigh_sqlite(&self, statement: &Statement) -> Weight {
        let connection = self.store.migrating();
        let explain = Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement.clone() };
        let rows = connection.query_all_raw(explain).await.expect("a plan");
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
        let scans = steps.iter().filter_map(|step| step.strip_prefix("SCAN "));
        let scans: Vec<&str> = scans.filter_map(|step| step.split_whitespace().next()).collect();
        let mut work = 0;
        if reads(&statement.sql) {
            let before = self.steps.load(Ordering::Relaxed);
            connection.query_all_raw(statement.clone()).await.expect("the statement runs again");
            work = self.steps.load(Ordering::Relaxed) - before;
        }
        let mut scanned = vec![];
        for table in scans {
            let rows = if reads(&statement.sql) { work / PASSED } else { self.rows_of(table).await };
            scanned.push((table.to_owned(), rows));
        }
        let sorts = steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY");
        let sorted = if sorts { work / SORTED } else { 0 };
        Weight { sql: statement.sql.clone(), work, plan: steps.join("\n"), scanned, sorted }
    }

    async fn weigh_postgres(&self, statement: &Statement) -> Weight {
        let how = if reads(&statement.sql) { "ANALYZE, TIMING OFF, FORMAT JSON" } else { "FORMAT JSON" };
        let explain = Statement { sql: format!("EXPLAIN ({how}) {}", statement.sql), ..statement.clone() };
        let row = self.store.migrating().query_one_raw(explain).await.expect("a plan").expect("a plan");
        let plan = JsonValue::from_query_result(&row, "").expect("JSON");
        let (sql, plan_text) = (statement.sql.clone(), String::new());
        let mut weight = Weight { sql, work: 0, plan: plan_text, scanned: Vec::new(), sorted: 0 };
        read_node(&plan["QUERY PLAN"][0]["Plan"], 0, &mut weight);
        if !reads(&statement.sql) {
            for (table, rows) in &mut weight.scanned {
                *rows = self.rows_of(table).await;
            }
        }
        weight
    }

    /// How many rows a table has, counted no further than [`COUNTED`]. What is no table (`(subquery-1)`) has none.
    async fn rows_of(&self, table: &str) -> u64 {
        let sql =
            format!("SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM \"{table}\" LIMIT {COUNTED}) AS counted");
        let connection = self.store.migrating();
        let row = connection.query_one_raw(Statement::from_string(self.store.backend(), sql)).await;
        row.ok().flatten().and_then(|row| row.try_get_by_index::<i64>(0).ok()).unwrap_or(0) as u64
    }
}

fn reads(sql: &str) -> bool {
    let start = sql.trim_start().get(..6).unwrap_or_default().to_uppercase();
    (start == "SELECT" || start.starts_with("WITH")) && !sql.contains("FOR UPDATE")
}

fn read_node(node: &serde_json::Value, depth: usize, weight: &mut Weight) {
    let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
    let loops = number("Actual Loops");
    let dropped = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    let rows = ((number("Actual Rows") + dropped) * loops) as u64;
    weight.work = weight.work.max(rows);
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    if kind == "Seq Scan" {
        weight.scanned.push((table.to_owned(), rows));
    }
    let children = || node["Plans"].as_array().into_iter().flatten();
    if kind == "Sort" {
        let taken = |child: &serde_json::Value| {
            child["Actual Rows"].as_f64().unwrap_or(0.0) * child["Actual Loops"].as_f64().unwrap_or(0.0)
        };
        weight.sorted = weight.sorted.max(children().map(taken).sum::<f64>() as u64);
    }
    let index = node["Index Name"].as_str().unwrap_or_default();
    weight.plan.push_str(&format!("{}{kind} {table} {index} ({rows} rows)\n", "  ".repeat(depth)));
    for child in children() {
        read_node(child, depth + 1, weight);
    }
}
