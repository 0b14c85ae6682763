//! Opening the database, and reading from it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    Statement, TransactionTrait,
};
use tokio::sync::watch;

use crate::ledger::Ledger;
use crate::sqlite::{PATIENCE, Readers, SETTINGS, Writer};
use crate::{Clock, StoreError, Tx, tx};

/// How long an answer may be on its way and still tell the time.
const SLOW: Duration = Duration::from_millis(500);
/// The name of the database file in the data directory.
pub(crate) const SQLITE: &str = "guildhall.sqlite";

/// The database and the files beside it. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// Those who read and write SQLite; the connections beside them are for migrations and snapshots.
    sqlite: Option<(Arc<Readers>, Writer)>,
    data: PathBuf,
    clock: Clock,
    ledger: Arc<Ledger>,
    bells: Mutex<HashMap<&'static str, watch::Sender<u64>>>,
}

impl Store {
    /// Opens `database`: `sqlite` (a file in `data`) or a `postgres://` URL. Creates what is missing, migrates nothing.
    pub async fn open(database: &str, data: &Path, clock: Clock) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data.join("blobs"))
            .map_err(|source| StoreError::Directory { place: data.display().to_string(), source })?;
        let url = match database {
            "sqlite" => format!("sqlite://{}?mode=rwc", data.join(SQLITE).display()),
            other => other.to_owned(),
        };
        let connect = async |connections: u32| {
            Database::connect(options(&url, connections))
                .await
                .map_err(|source| StoreError::Open { place: without_password(&url), source })
        };
        let cores = std::thread::available_parallelism().map_or(2, |n| n.get() as u32);
        let sqlite = url.starts_with("sqlite:");
        let write = connect(if sqlite { 1 } else { 4 + 2 * cores }).await?;
        let read = if sqlite { connect(cores.max(2)).await? } else { write.clone() };
        let sqlite = sqlite.then(|| {
            let file = data.join(SQLITE);
            let writer =
                Writer::open(&file).map_err(|source| StoreError::Open { place: file.display().to_string(), source })?;
            Ok::<_, StoreError>((Readers::new(file, 2 * cores.max(2) as usize), writer))
        });
        let (data, ledger, bells) = (data.to_owned(), Arc::default(), Mutex::default());
        let store = Self(Arc::new(Inner { read, write, sqlite: sqlite.transpose()?, data, clock, ledger, bells }));
        store.set_clock().await?;
        Ok(store)
    }

    /// Lets the clock follow that of a database server, so that all hubs on it agree on the time whatever their machines
    /// say. Called again and again while a hub runs.
    pub async fn set_clock(&self) -> Result<(), StoreError> {
        if self.backend() != DbBackend::Postgres || !self.0.clock.follows() {
            return Ok(());
        }
        let asked = Instant::now();
        let sql = "SELECT clock_timestamp()";
        let row = self.0.read.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        let told: Option<DateTime<Utc>> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        // The answer was on its way for half of the time; one that took long says too little.
        let way = asked.elapsed() / 2;
        if let Some(told) = told.filter(|_| way < SLOW) {
            self.0.clock.follow(told + way);
        }
        Ok(())
    }

    /// A connection for queries.
    pub fn read(&self) -> Read {
        let inner = &self.0;
        let by = match &inner.sqlite {
            Some((readers, _)) => By::Sqlite(readers.clone()),
            None => By::Server(inner.read.clone()),
        };
        Read { by, ledger: inner.ledger.clone() }
    }

    /// A write transaction; it rolls back unless it is committed.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let inner = match &self.0.sqlite {
            Some((_, writer)) => tx::By::Sqlite(writer.begin().await?),
            None => tx::By::Server(self.0.write.begin().await?),
        };
        Ok(Tx::new(inner, self.clone(), self.0.ledger.clone()))
    }

    /// The directory that holds the database file, blobs and other files of the hub.
    pub fn data(&self) -> &Path {
        &self.0.data
    }

    /// The clock from which transactions take their time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        self.0.write.get_database_backend()
    }

    /// The connections on which a snapshot is read.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.0.read
    }

    /// The connection on which migrations run.
    pub fn migrating(&self) -> &DatabaseConnection {
        &self.0.write
    }

    /// How many statements have been sent so far; tests hold pages to a number of them.
    pub fn queries(&self) -> u64 {
        self.0.ledger.sent()
    }

    /// Writes down every statement from now on, with its values, until [`Self::recorded`]: tests read their plans.
    pub fn record(&self) {
        self.0.ledger.begin();
    }

    /// The statements since [`Self::record`], in order.
    pub fn recorded(&self) -> Vec<Statement> {
        self.0.ledger.end()
    }

    /// A bell that rings after each commit whose transaction named `topic` in [`Tx::ring`].
    pub fn bell(&self, topic: &'static str) -> watch::Receiver<u64> {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(topic).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    pub(crate) fn ring(&self, topic: &'static str) {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(topic).or_insert_with(|| watch::channel(0).0).send_modify(|count| *count += 1);
    }

    /// Lets SQLite learn how many rows its tables have and how much they differ: it plans by that, and without it takes
    /// every index for as good as any other. PostgreSQL learns by itself.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        if let Some((readers, writer)) = &self.0.sqlite {
            // What is new or has become ten times as much (2), asked for here or not (65536), from a sample (16).
            writer.alone("PRAGMA optimize = 65554").await?;
            readers.renew();
        }
        Ok(())
    }

    /// Leaves out waiting for the disk from now on, for a database that can be made again: a crash of the machine may
    /// damage it. PostgreSQL waits all the same.
    pub async fn hurry(&self) -> Result<(), StoreError> {
        if let Some((_, writer)) = &self.0.sqlite {
            writer.alone("PRAGMA synchronous = OFF").await?;
            self.0.write.execute_unprepared("PRAGMA synchronous = OFF").await?;
        }
        Ok(())
    }

    /// Closes every connection; used when the hub stops.
    pub async fn close(&self) {
        if let Some((readers, writer)) = &self.0.sqlite {
            readers.close();
            writer.close().await;
        }
        let all = [self.0.read.clone().close().await, self.0.write.clone().close().await];
        for error in all.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "closing a database connection failed");
        }
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // A server that is gone is told to whoever waits; the one writer of SQLite may be busy for a while.
    let patience = Duration::from_secs(if url.starts_with("sqlite:") { 30 } else { 8 });
    options
        .max_connections(connections)
        .acquire_timeout(patience)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(tuned);
    if url.starts_with("sqlite:") {
        options.idle_timeout(None).max_lifetime(None).connect_lazy(true);
    } else {
        // A connection that rested is asked whether it still stands: the server may have been started anew meanwhile.
        options.test_before_acquire_if_idle_for(Duration::from_secs(1));
    }
    options
}

/// SQLite of sqlx, with the same settings.
fn tuned(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    let tuned = SETTINGS.into_iter().fold(sqlite, |sqlite, (name, value)| sqlite.pragma(name, value));
    tuned.busy_timeout(PATIENCE).disable_statement_logging()
}

pub(crate) fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}

/// A connection for queries, counted. Cheap to clone.
#[derive(Clone)]
pub struct Read {
    by: By,
    ledger: Arc<Ledger>,
}

#[derive(Clone)]
enum By {
    Sqlite(Arc<Readers>),
    Server(DatabaseConnection),
}

#[async_trait::async_trait]
impl ConnectionTrait for Read {
    fn get_database_backend(&self) -> DbBackend {
        match &self.by {
            By::Sqlite(_) => DbBackend::Sqlite,
            By::Server(connection) => connection.get_database_backend(),
        }
    }
    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(only_read())
    }
    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(only_read())
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ledger.note(&statement);
        match &self.by {
            By::Sqlite(readers) => Ok(readers.rows(statement, 1).await?.pop()),
            By::Server(connection) => connection.query_one_raw(statement).await,
        }
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ledger.note(&statement);
        match &self.by {
            By::Sqlite(readers) => readers.rows(statement, usize::MAX).await,
            By::Server(connection) => connection.query_all_raw(statement).await,
        }
    }
}

fn only_read() -> DbErr {
    DbErr::Custom("what changes something is done in a transaction (Store::write)".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What reads `many` where one column is the same in every row and the other one in none.
    async fn plan(store: &Store) -> String {
        let sql =
            "EXPLAIN QUERY PLAN SELECT * FROM many WHERE same = 1 AND other IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)";
        let rows = store.read().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.expect("a plan");
        rows[0].try_get("", "detail").expect("a step")
    }

    #[tokio::test]
    async fn whoever_reads_goes_by_what_was_learnt_of_the_tables_each_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open("sqlite", folder.path(), Clock::machine()).await.expect("a database");
        let write = async |sql: &str| store.migrating().execute_unprepared(sql).await.expect("it is written");
        write("CREATE TABLE many (same INTEGER, other INTEGER)").await;
        write("CREATE INDEX by_same ON many (same); CREATE INDEX by_other ON many (other)").await;
        store.analyze().await.expect("nothing to learn of an empty table");
        assert!(plan(&store).await.contains("by_same"), "it knows nothing of the rows");
        write(
            "INSERT INTO many WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             SELECT 1, i FROM n",
        )
        .await;
        store.analyze().await.expect("the rows are looked at");
        assert!(plan(&store).await.contains("by_other"), "it knows how they differ");
    }
}
