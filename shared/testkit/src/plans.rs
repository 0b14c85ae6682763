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
    /// Tables that are read from end to end.
    pub scanned: Vec<String>,
}

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
        let scanned = steps
            .iter()
            .filter_map(|step| step.strip_prefix("SCAN "))
            .filter_map(|step| step.split_whitespace().next())
            .map(str::to_owned)
            .collect();
        let mut work = 0;
        if reads(&statement.sql) {
            let before = self.steps.load(Ordering::Relaxed);
            connection.query_all_raw(statement.clone()).await.expect("the statement runs again");
            work = self.steps.load(Ordering::Relaxed) - before;
        }
        Weight { sql: statement.sql.clone(), work, plan: steps.join("\n"), scanned }
    }

    async fn weigh_postgres(&self, statement: &Statement) -> Weight {
        let how = if reads(&statement.sql) { "ANALYZE, TIMING OFF, FORMAT JSON" } else { "FORMAT JSON" };
        let explain = Statement { sql: format!("EXPLAIN ({how}) {}", statement.sql), ..statement.clone() };
        let row = self.store.migrating().query_one_raw(explain).await.expect("a plan").expect("a plan");
        let plan = JsonValue::from_query_result(&row, "").expect("JSON");
        let mut weight = Weight { sql: statement.sql.clone(), work: 0, plan: String::new(), scanned: Vec::new() };
        read_node(&plan["QUERY PLAN"][0]["Plan"], 0, &mut weight);
        weight
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
    if kind == "Seq Scan" && rows > 0 {
        weight.scanned.push(table.to_owned());
    }
    let index = node["Index Name"].as_str().unwrap_or_default();
    weight.plan.push_str(&format!("{}{kind} {table} {index} ({rows} rows)\n", "  ".repeat(depth)));
    for child in node["Plans"].as_array().into_iter().flatten() {
        read_node(child, depth + 1, weight);
    }
}
