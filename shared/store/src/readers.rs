//! The connections on which SQLite is read.
//!
//! Each is a thread of sqlx, so whatever it is asked costs two changes between threads. A pool of sqlx asks a connection
//! after each statement whether it still stands, which for a file on this machine costs as much as a small query does. Here
//! a connection is asked only after a statement that was given up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Sqlite, SqliteConnection};
use sea_orm::{ConnAcquireErr, DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a statement waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);
const CLOSED: DbErr = DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);

/// Connections that are opened when they are needed, and stay.
pub struct Readers {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<SqliteConnection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// At most so many connections.
    pub fn new(options: SqliteConnectOptions, count: u32) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(count as usize));
        Arc::new(Self { options, idle: Mutex::default(), places })
    }

    /// All rows of a query.
    pub async fn all(self: &Arc<Self>, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut taken = self.take().await?;
        let answer = query(statement).fetch_all(taken.connection()?).await;
        Ok(taken.answered(answer)?.into_iter().map(QueryResult::from).collect())
    }

    /// The first row of a query.
    pub async fn one(self: &Arc<Self>, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut taken = self.take().await?;
        let answer = query(statement).fetch_optional(taken.connection()?).await;
        Ok(taken.answered(answer)?.map(QueryResult::from))
    }

    async fn take(self: &Arc<Self>) -> Result<Taken, DbErr> {
        let waiting = tokio::time::timeout(PATIENCE, self.places.clone().acquire_owned()).await;
        let place = waiting.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let place = place.map_err(|_| CLOSED)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?,
        };
        Ok(Taken { readers: self.clone(), connection: Some(connection), place: Some(place) })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connections that are not in use; whoever asks later is told.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.places.close();
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            connection.close().await.map_err(failed)?;
        }
        Ok(())
    }
}

/// A connection in use, and its place.
struct Taken {
    readers: Arc<Readers>,
    connection: Option<SqliteConnection>,
    place: Option<OwnedSemaphorePermit>,
}

impl Taken {
    fn connection(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        self.connection.as_mut().ok_or(CLOSED)
    }

    /// Gives the connection back, unless the answer makes one doubt it.
    fn answered<T>(mut self, answer: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        if matches!(answer, Ok(_) | Err(sqlx::Error::Database(_))) {
            self.readers.idle().extend(self.connection.take());
        }
        answer.map_err(failed)
    }
}

impl Drop for Taken {
    /// Whoever asked went away, or something is wrong: the connection, and its place, are free when it answers again.
    fn drop(&mut self) {
        let (Some(mut connection), place) = (self.connection.take(), self.place.take()) else { return };
        let readers = self.readers.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if connection.ping().await.is_ok() {
                    readers.idle().push(connection);
                }
                drop(place);
            });
        }
    }
}

fn query(statement: Statement) -> sqlx::query::Query<'static, Sqlite, SqlxValues> {
    let values = statement.values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    async fn readers(folder: &tempfile::TempDir) -> Arc<Readers> {
        let options = SqliteConnectOptions::new().filename(folder.path().join("some.sqlite")).create_if_missing(true);
        Readers::new(options, 2)
    }

    fn ask(sql: &str) -> Statement {
        Statement::from_string(DbBackend::Sqlite, sql)
    }

    async fn number(readers: &Arc<Readers>, sql: &str) -> i64 {
        let row = readers.one(ask(sql)).await.expect("an answer").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    #[tokio::test]
    async fn more_may_ask_than_there_are_connections() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(&folder).await;
        let sums = futures::future::join_all((0..50).map(|_| number(&readers, "SELECT 20 + 1"))).await;
        assert_eq!(sums, [21; 50]);
        assert!(readers.idle().len() <= 2, "they are used again");
        let rows = readers.all(ask("SELECT 1 UNION SELECT 2")).await.expect("rows");
        assert_eq!(rows.len(), 2);
        assert!(readers.one(ask("SELECT 1 WHERE 0")).await.expect("an answer").is_none());
    }

    #[tokio::test]
    async fn a_fault_and_a_question_given_up_leave_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(&folder).await;
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
        for _ in 0..5 {
            assert!(readers.all(ask("SELECT nonsense")).await.is_err());
            let mut asked = Box::pin(readers.all(ask(endless)));
            for _ in 0..100 {
                assert!(futures::poll!(&mut asked).is_pending());
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(number(&readers, "SELECT 7").await, 7);
        readers.close().await.expect("closed");
        assert!(matches!(readers.one(ask("SELECT 1")).await, Err(DbErr::ConnectionAcquire(_))));
    }
}
