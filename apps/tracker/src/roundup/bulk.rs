//! Thousands of rows with one statement and one parameter: a JSON list that the database takes apart.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use serde_json::Value;
use store::Tx;

/// Rows that one statement brings in.
const ROWS: usize = 2_000;

/// Rows on their way into a table; whoever pushes also ends it with [`Bulk::finish`].
pub struct Bulk {
    table: &'static str,
    /// Name and type of each column, in PostgreSQL's words.
    columns: &'static [(&'static str, &'static str)],
    rows: Vec<Value>,
    next: i64,
}

impl Bulk {
    /// Begins after the rows that are there; the first column is the id.
    pub async fn begin(
        tx: &Tx,
        table: &'static str,
        columns: &'static [(&'static str, &'static str)],
    ) -> Result<Self, DbErr> {
        let sql = format!("SELECT COALESCE(MAX(id), 0) + 1 FROM {table}");
        let row = tx.query_one_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
        let next = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(1);
        Ok(Self { table, columns, rows: Vec::with_capacity(ROWS), next })
    }

    /// Takes a row without its id, in the order of the columns; the id comes back.
    pub async fn push(&mut self, tx: &Tx, mut row: Vec<Value>) -> Result<i64, DbErr> {
        let id = self.next;
        self.next += 1;
        row.insert(0, id.into());
        self.rows.push(Value::Array(row));
        if self.rows.len() >= ROWS {
            self.flush(tx).await?;
        }
        Ok(id)
    }

    /// The id of the row that is pushed next.
    pub fn next_id(&self) -> i64 {
        self.next
    }

    /// Brings in what is left, and lets the table count on from there.
    pub async fn finish(mut self, tx: &Tx) -> Result<(), DbErr> {
        self.flush(tx).await?;
        if tx.get_database_backend() == DbBackend::Postgres && self.next > 1 {
            let sql = format!("SELECT setval(pg_get_serial_sequence('{}', 'id'), {})", self.table, self.next - 1);
            tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        }
        Ok(())
    }

    /// Brings in what was pushed so far.
    pub async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let json = Value::Array(std::mem::take(&mut self.rows)).to_string();
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let backend = tx.get_database_backend();
        let (cells, source): (Vec<String>, &str) = match backend {
            DbBackend::Postgres => (
                self.columns.iter().enumerate().map(|(at, (_, kind))| format!("(value->>{at})::{kind}")).collect(),
                "jsonb_array_elements($1::jsonb) AS value",
            ),
            _ => ((0..names.len()).map(|at| format!("value->>{at}")).collect(), "json_each($1)"),
        };
        let sql =
            format!("INSERT INTO {} ({}) SELECT {} FROM {source}", self.table, names.join(", "), cells.join(", "));
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, [json.into()])).await?;
        Ok(())
    }
}

/// A time as the database keeps it.
pub fn time(millis: i64) -> Value {
    let at = chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false).into()
}

/// A text that every database can keep.
pub fn text(text: &str) -> Value {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}
