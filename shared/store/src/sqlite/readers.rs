//! The connections on which SQLite is read.
//!
//! A question is answered on the thread that asks: to hand it to another and wait costs more than most answers. One that
//! takes long is given up and asked anew on a thread that may block; it is known by its text from then on.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnAcquireErr, DbErr, QueryResult, Statement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::{Connection, Rows};
use super::fault::{is_interrupted, told};
use super::long::Long;

/// How long a statement waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is answered within this time need not go to another thread.
const BRIEF: Duration = Duration::from_millis(1);
pub(super) const CLOSED: DbErr = DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);

/// Connections that are opened when they are needed, and stay.
pub struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
    long: Long,
    /// How often they were renewed.
    age: AtomicU64,
}

impl Readers {
    /// At most so many connections.
    pub fn new(file: PathBuf, count: usize) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(count));
        Arc::new(Self { file, idle: Mutex::default(), places, long: Long::default(), age: AtomicU64::new(0) })
    }

    /// The rows of a query, at most so many.
    pub async fn rows(self: &Arc<Self>, statement: Statement, most: usize) -> Result<Vec<QueryResult>, DbErr> {
        let mut taken = self.take().await?;
        if !self.long.is(&statement.sql) {
            let answer = taken.connection()?.rows_if_brief(&statement, most);
            match answer {
                Err(error) if is_interrupted(&error) => self.long.note(&statement.sql, true),
                answer => return taken.answered(answer),
            }
        }
        let asked = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let answer = taken.connection()?.rows(&statement, most);
            taken.readers.long.note(&statement.sql, begun.elapsed() > BRIEF);
            taken.answered(answer)
        });
        asked.await.unwrap_or(Err(CLOSED))
    }

    async fn take(self: &Arc<Self>) -> Result<Taken, DbErr> {
        let place = match self.places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                let waiting = tokio::time::timeout(PATIENCE, self.places.clone().acquire_owned()).await;
                let place = waiting.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
                place.map_err(|_| CLOSED)?
            }
        };
        let (age, idle) = {
            let mut idle = self.idle();
            (self.age.load(Ordering::SeqCst), idle.pop())
        };
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open(&self.file).map_err(told)?,
        };
        Ok(Taken { readers: self.clone(), connection: Some(connection), age, _place: place })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens every connection anew before it is asked again: what SQLite has learnt of its tables it reads when it opens.
    pub fn renew(&self) {
        let mut idle = self.idle();
        self.age.fetch_add(1, Ordering::SeqCst);
        idle.clear();
    }

    /// Closes the connections that are not in use; whoever asks later is told.
    pub fn close(&self) {
        self.places.close();
        self.idle().clear();
    }
}

/// A connection in use, and its place.
struct Taken {
    readers: Arc<Readers>,
    connection: Option<Connection>,
    age: u64,
    _place: OwnedSemaphorePermit,
}

impl Taken {
    fn connection(&mut self) -> Result<&mut Connection, DbErr> {
        self.connection.as_mut().ok_or(CLOSED)
    }

    /// Gives the connection back.
    fn answered(mut self, answer: rusqlite::Result<Rows>) -> Result<Vec<QueryResult>, DbErr> {
        let mut idle = self.readers.idle();
        if !self.readers.places.is_closed() && self.age == self.readers.age.load(Ordering::SeqCst) {
            idle.extend(self.connection.take());
        }
        drop(idle);
        answer.map_err(told)?.told()
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    fn readers(folder: &tempfile::TempDir) -> Arc<Readers> {
        Readers::new(folder.path().join("some.sqlite"), 2)
    }

    fn ask(sql: &str) -> Statement {
        Statement::from_string(DbBackend::Sqlite, sql)
    }

    async fn number(readers: &Arc<Readers>, sql: &str) -> i64 {
        let rows = readers.rows(ask(sql), 1).await.expect("an answer");
        rows[0].try_get("", "number").expect("a number")
    }

    #[tokio::test]
    async fn more_may_ask_than_there_are_connections() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(&folder);
        let sums = (0..50).map(|_| number(&readers, "SELECT 20 + 1 AS number"));
        assert_eq!(futures::future::join_all(sums).await, [21; 50]);
        assert!(readers.idle().len() <= 2, "they are used again");
        assert_eq!(readers.rows(ask("SELECT 1 UNION SELECT 2"), 9).await.expect("rows").len(), 2);
        assert_eq!(readers.rows(ask("SELECT 1 UNION SELECT 2"), 1).await.expect("rows").len(), 1);
        assert!(readers.rows(ask("SELECT 1 WHERE 0"), 1).await.expect("an answer").is_empty());
    }

    #[tokio::test]
    async fn a_long_question_is_asked_elsewhere_and_others_go_on_meanwhile() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(&folder);
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) \
                   SELECT count(*) AS number FROM n";
        let (long, short) = tokio::join!(number(&readers, sql), number(&readers, "SELECT 7 AS number"));
        assert_eq!((long, short), (1_000_000, 7));
        assert!(readers.long.is(sql), "and at once the next time");
    }

    #[tokio::test]
    async fn a_fault_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(&folder);
        for _ in 0..5 {
            assert!(readers.rows(ask("SELECT nonsense"), 1).await.is_err());
        }
        assert_eq!(number(&readers, "SELECT 7 AS number").await, 7);
        readers.close();
        let closed = readers.rows(ask("SELECT 1"), 1).await;
        assert!(matches!(closed, Err(DbErr::ConnectionAcquire(_))));
    }
}
