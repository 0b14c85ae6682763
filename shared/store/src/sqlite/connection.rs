//! One connection to the file, used on the thread that asks.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Statement as Prepared;
use rusqlite::types::FromSqlError;
use sea_orm::{
    DbBackend, DbErr, ExecResult, MockDatabase, MockDatabaseTrait, MockExecResult, QueryResult, Statement, Value,
};

use super::value::{Bound, Kind};

/// How long a statement waits for another process.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// Statements that are kept prepared.
const PREPARED: usize = 512;
/// After so many steps of SQLite's machine, a few milliseconds, a brief question is given up.
const BRIEF: i32 = 100_000;

/// SQLite as the hub wants it, whoever opens it.
pub const SETTINGS: [(&str, &str); 6] = [
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("cache_size", "-16000"),
    ("temp_store", "MEMORY"),
    ("journal_size_limit", "67108864"),
];

/// A connection, with what it knows of statements that it has seen.
pub struct Connection {
    inner: rusqlite::Connection,
    shapes: HashMap<String, Arc<Shape>>,
    is_brief: Arc<AtomicBool>,
}

/// Rows: values in the order of the names of their columns.
pub struct Rows {
    rows: Vec<Vec<Value>>,
    shape: Arc<Shape>,
}

impl Rows {
    /// As sea-orm reads them. Its own rows can only be made by its drivers; the one that takes them from elsewhere is its
    /// mock, since `proxy` does not compile beside sqlx (2.0.4).
    pub fn told(self) -> Result<Vec<QueryResult>, DbErr> {
        let names = || self.shape.columns.iter().map(|(name, ..)| name.as_str());
        let named = self.rows.into_iter().map(|values| names().zip(values).collect::<BTreeMap<&str, Value>>());
        let mut carrier = MockDatabase::new(DbBackend::Sqlite).append_query_results([named]);
        carrier.query(0, Statement::from_string(DbBackend::Sqlite, ""))
    }
}

/// What a statement did.
#[derive(Default)]
pub struct Done {
    last_insert_id: u64,
    rows_affected: u64,
}

impl Done {
    /// As sea-orm reads it.
    pub fn told(self) -> Result<ExecResult, DbErr> {
        let done = MockExecResult { last_insert_id: self.last_insert_id, rows_affected: self.rows_affected };
        let mut carrier = MockDatabase::new(DbBackend::Sqlite).append_exec_results([done]);
        carrier.execute(0, Statement::from_string(DbBackend::Sqlite, ""))
    }
}

/// Where the values of a statement go, and what its columns hold.
struct Shape {
    /// For each place the number of its value.
    places: Vec<usize>,
    /// Name, number and kind of each column, in the order of the names.
    columns: Vec<(String, usize, Kind)>,
}

impl Connection {
    /// Opens the file, and makes it if it is not there.
    pub fn open(file: &Path) -> rusqlite::Result<Self> {
        let inner = rusqlite::Connection::open(file)?;
        inner.busy_timeout(PATIENCE)?;
        for (name, value) in SETTINGS {
            inner.execute_batch(&format!("PRAGMA {name} = {value}"))?;
        }
        inner.set_prepared_statement_cache_capacity(PREPARED);
        let is_brief = Arc::new(AtomicBool::new(false));
        let brief = is_brief.clone();
        inner.progress_handler(BRIEF, Some(move || brief.load(Ordering::Relaxed)))?;
        Ok(Self { inner, shapes: HashMap::new(), is_brief })
    }

    /// The rows of a statement, at most so many.
    pub fn rows(&mut self, statement: &Statement, most: usize) -> rusqlite::Result<Rows> {
        let mut prepared = self.inner.prepare_cached(&statement.sql)?;
        let shape = shape(&self.inner, &mut self.shapes, &prepared, &statement.sql)?;
        bind(&mut prepared, &shape, statement)?;
        let (mut asked, mut rows) = (prepared.raw_query(), Vec::new());
        while rows.len() < most {
            let Some(row) = asked.next()? else { break };
            let read = |(_, number, kind): &(String, usize, Kind)| {
                let value = row.get_ref(*number)?;
                kind.read(value).map_err(|error| unfit(*number, value.data_type(), error))
            };
            rows.push(shape.columns.iter().map(read).collect::<rusqlite::Result<_>>()?);
        }
        drop(asked);
        Ok(Rows { rows, shape })
    }

    /// The same, given up once it takes long.
    pub fn rows_if_brief(&mut self, statement: &Statement, most: usize) -> rusqlite::Result<Rows> {
        self.is_brief.store(true, Ordering::Relaxed);
        let rows = self.rows(statement, most);
        self.is_brief.store(false, Ordering::Relaxed);
        rows
    }

    /// Does what a statement says.
    pub fn run(&mut self, statement: &Statement) -> rusqlite::Result<Done> {
        let mut prepared = self.inner.prepare_cached(&statement.sql)?;
        let shape = shape(&self.inner, &mut self.shapes, &prepared, &statement.sql)?;
        bind(&mut prepared, &shape, statement)?;
        let before = self.inner.total_changes();
        let mut rows = prepared.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        // Of what a trigger or a foreign key changes besides nothing is counted.
        let changed = if self.inner.total_changes() == before { 0 } else { self.inner.changes() };
        Ok(Done { last_insert_id: self.inner.last_insert_rowid() as u64, rows_affected: changed })
    }

    /// Does what a text of statements without values says.
    pub fn run_all(&self, sql: &str) -> rusqlite::Result<()> {
        self.inner.execute_batch(sql)
    }

    /// Whether no transaction is open: SQLite ends one by itself when the disk is full.
    pub fn is_autocommit(&self) -> bool {
        self.inner.is_autocommit()
    }

    /// How long to wait while another process writes.
    pub fn wait_for_others(&self, patience: Duration) -> rusqlite::Result<()> {
        self.inner.busy_timeout(patience)
    }
}

fn bind(prepared: &mut Prepared<'_>, shape: &Shape, statement: &Statement) -> rusqlite::Result<()> {
    let values = statement.values.as_ref().map(|values| values.0.as_slice()).unwrap_or_default();
    for (place, number) in shape.places.iter().enumerate() {
        if let Some(value) = values.get(*number) {
            prepared.raw_bind_parameter(place + 1, Bound(value))?;
        }
    }
    Ok(())
}

fn unfit(column: usize, found: rusqlite::types::Type, error: FromSqlError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, found, Box::new(error))
}

fn shape(
    connection: &rusqlite::Connection,
    shapes: &mut HashMap<String, Arc<Shape>>,
    prepared: &Prepared<'_>,
    sql: &str,
) -> rusqlite::Result<Arc<Shape>> {
    if let Some(shape) = shapes.get(sql) {
        return Ok(shape.clone());
    }
    if shapes.len() >= 4 * PREPARED {
        shapes.clear();
    }
    let shape = Arc::new(Shape { places: places(prepared), columns: columns(connection, prepared, sql)? });
    shapes.insert(sql.to_owned(), shape.clone());
    Ok(shape)
}

/// `$2` and `?2` take the second value, `?` the next one.
fn places(prepared: &Prepared<'_>) -> Vec<usize> {
    let mut next = 0;
    let place = |place| {
        let named = prepared.parameter_name(place).and_then(|name| name[1..].parse::<usize>().ok());
        match named {
            Some(number) => number.saturating_sub(1),
            None => {
                next += 1;
                next - 1
            }
        }
    };
    (1..=prepared.parameter_count()).map(place).collect()
}

/// What the columns hold: as the table says where they are columns of a table, else as their names say.
fn columns(
    connection: &rusqlite::Connection,
    prepared: &Prepared<'_>,
    sql: &str,
) -> rusqlite::Result<Vec<(String, usize, Kind)>> {
    let changed = changed_table(sql);
    let mut columns = Vec::new();
    for (number, column) in prepared.columns_with_metadata().iter().enumerate() {
        // What RETURNING gives has no origin.
        let origin = column.table_name().zip(column.origin_name()).or(changed.map(|table| (table, column.name())));
        let declared = origin.and_then(|(table, name)| connection.column_metadata(None::<&str>, table, name).ok());
        let kind = match declared {
            Some((Some(declaration), ..)) => Kind::declared(&declaration.to_string_lossy()),
            Some((None, ..)) => Kind::Plain,
            None => Kind::computed(column.name().trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')),
        };
        // RETURNING CAST("tries" AS bigint) has no name but its text; PostgreSQL calls it tries.
        let cast = column.name().strip_prefix("CAST(\"").and_then(|rest| rest.split('"').next());
        columns.push((cast.unwrap_or(column.name()).to_owned(), number, kind));
    }
    columns.sort_by(|one: &(String, usize, Kind), other| one.0.cmp(&other.0));
    Ok(columns)
}

/// The table that a statement changes.
fn changed_table(sql: &str) -> Option<&str> {
    let rest = ["INSERT INTO ", "INSERT OR IGNORE INTO ", "UPDATE ", "DELETE FROM "]
        .iter()
        .find_map(|verb| sql.strip_prefix(verb))?;
    rest.split_whitespace().next().map(|table| table.trim_matches('"'))
}
