//! Opening the database, and reading from it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::Connection as _;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::watch;

use crate::ledger::Ledger;
use crate::readers::Readers;
use crate::{Clock, StoreError, Tx};

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
    /// On SQLite queries that stand alone are read by these.
    readers: Option<Arc<Readers>>,
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
        let readers = match url.parse() {
            Ok(options) if sqlite => Some(Readers::new(tuned(options), cores.max(2))),
            _ => None,
        };
        let (data, ledger, bells) = (data.to_owned(), Arc::default(), Mutex::default());
        let store = Self(Arc::new(Inner { read, write, readers, data, clock, ledger, bells }));
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
        Read { connection: inner.read.clone(), readers: inner.readers.clone(), ledger: inner.ledger.clone() }
    }

    /// A write transaction; it rolls back unless it is committed.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.0.write.begin_with_options(options).await?;
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

    /// Leaves out waiting for the disk from now on, for a database that can be made again: a crash of the machine may
    /// damage it. PostgreSQL waits all the same.
    pub async fn hurry(&self) -> Result<(), StoreError> {
        if self.backend() == DbBackend::Sqlite {
            self.0.write.execute_unprepared("PRAGMA synchronous = OFF").await?;
        }
        Ok(())
    }

    /// Closes every connection; used when the hub stops.
    pub async fn close(&self) {
        let readers = async {
            match &self.0.readers {
                Some(readers) => readers.close().await,
                None => Ok(()),
            }
        };
        let all = [readers.await, self.0.read.clone().close().await, self.0.write.clone().close().await];
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
        .map_sqlx_sqlite_opts(tuned)
        .map_sqlx_sqlite_pool_opts(|pool| {
            // SQLite takes a transaction back by itself when the disk is full, and sqlx goes on counting it: what came after
            // would be a savepoint within a transaction that nobody commits.
            pool.before_acquire(|connection, _| {
                let sound = !connection.is_in_transaction();
                if !sound {
                    tracing::warn!("a database connection was closed because its transaction ended unforeseen");
                }
                Box::pin(async move { Ok(sound) })
            })
        });
    if url.starts_with("sqlite:") {
        options.idle_timeout(None).max_lifetime(None);
    } else {
        // A connection that rested is asked whether it still stands: the server may have been started anew meanwhile.
        options.test_before_acquire_if_idle_for(Duration::from_secs(1));
    }
    options
}

/// SQLite as the hub wants it.
fn tuned(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL")
        .pragma("foreign_keys", "ON")
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
        .busy_timeout(Duration::from_secs(15))
        .statement_cache_capacity(512)
        // A reader that falls behind does not stop the thread that reads for it at every row.
        .row_buffer_size(1_000)
        .disable_statement_logging()
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
    connection: DatabaseConnection,
    readers: Option<Arc<Readers>>,
    ledger: Arc<Ledger>,
}

#[async_trait::async_trait]
impl ConnectionTrait for Read {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ledger.note(&statement);
        self.connection.execute_raw(statement).await
    }
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ledger.note_plain();
        self.connection.execute_unprepared(sql).await
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ledger.note(&statement);
        match &self.readers {
            Some(readers) => readers.one(statement).await,
            None => self.connection.query_one_raw(statement).await,
        }
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ledger.note(&statement);
        match &self.readers {
            Some(readers) => readers.all(statement).await,
            None => self.connection.query_all_raw(statement).await,
        }
    }
}
