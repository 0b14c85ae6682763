//! The one connection on which SQLite is written, and whose turn it is.
//!
//! Waiting for the disk is most of what a small change costs, so those who wait for their turn share it: each is a
//! savepoint within one transaction, which the last of them commits. All of them go on once it is on the disk, and none
//! before. What one takes back, or fails at, is taken back alone.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::connection::{Connection, Done, PATIENCE};
use super::fault::{is_busy, told};
use super::long::Long;
use super::readers::CLOSED;

/// How long a transaction waits for its turn.
const TURN: Duration = Duration::from_secs(30);
/// So many share a commit.
const SHARED: usize = 64;
/// Nobody joins a transaction that has been open for longer.
const OPEN: Duration = Duration::from_millis(20);
/// What a statement may take of the thread that asks; the next like it goes to one that may block.
const BRIEF: Duration = Duration::from_millis(5);

/// The connection that writes. Cheap to clone.
#[derive(Clone)]
pub struct Writer(Arc<Inner>);

struct Inner {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    connection: Mutex<Connection>,
    group: Mutex<Group>,
    long: Long,
}

/// Those who wait for the same commit.
#[derive(Default)]
struct Group {
    /// Since when the transaction is open.
    since: Option<Instant>,
    waiting: Vec<oneshot::Sender<Result<(), DbErr>>>,
}

impl Writer {
    /// Opens the file.
    pub fn open(file: &Path) -> Result<Self, DbErr> {
        let connection = Mutex::new(Connection::open(file).map_err(told)?);
        Ok(Self(Arc::new(Inner {
            turns: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
            connection,
            group: Mutex::default(),
            long: Long::default(),
        })))
    }

    /// Waits for a turn, and begins.
    pub async fn begin(&self) -> Result<Turn, DbErr> {
        let place = Waiting::new(self).turn().await?;
        let is_lost = self.0.connection().is_autocommit();
        if is_lost {
            // Whoever waits for a transaction that is not there any more is told; mostly nobody does.
            let _ = self.0.commit();
        }
        let turn = Turn::new(self, place, !is_lost);
        if !is_lost {
            self.0.connection().run_all("SAVEPOINT turn").map_err(told)?;
            return Ok(turn);
        }
        match self.0.begin(Duration::ZERO) {
            Err(error) if is_busy(&error) => {
                // Another process writes: that is waited for elsewhere.
                let inner = self.0.clone();
                elsewhere(move || inner.begin(PATIENCE).map(|()| turn).map_err(told)).await
            }
            begun => begun.map(|()| turn).map_err(told),
        }
    }

    /// Does something outside of any transaction.
    pub async fn alone(&self, sql: &str) -> Result<(), DbErr> {
        let place = Waiting::new(self).turn().await?;
        let (inner, sql) = (self.0.clone(), sql.to_owned());
        elsewhere(move || {
            // In the same turn, so that nobody begins another one between them.
            let _place = place;
            inner.commit()?;
            inner.connection().run_all(&sql).map_err(told)
        })
        .await
    }

    /// Lets nobody begin any more, once what was begun is over.
    pub async fn close(&self) {
        if let Ok(place) = self.0.turns.clone().acquire_owned().await {
            self.0.turns.close();
            if let Err(error) = self.finish(place).await {
                tracing::warn!(%error, "what was to be written last was not");
            }
        }
    }

    /// Commits what is open, for all who wait for it.
    async fn finish(&self, place: OwnedSemaphorePermit) -> Result<(), DbErr> {
        let inner = self.0.clone();
        elsewhere(move || {
            let _place = place;
            inner.commit()
        })
        .await
    }
}

impl Inner {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn group(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, patience: Duration) -> rusqlite::Result<()> {
        let connection = self.connection();
        connection.wait_for_others(patience)?;
        let begun = connection.run_all("BEGIN IMMEDIATE");
        connection.wait_for_others(PATIENCE)?;
        begun?;
        self.group().since = Some(Instant::now());
        Ok(())
    }

    /// Commits, and tells all who wait.
    fn commit(&self) -> Result<(), DbErr> {
        let group = std::mem::take(&mut *self.group());
        let done = {
            let connection = self.connection();
            let done = match (connection.is_autocommit(), group.since) {
                (true, None) => Ok(()),
                (true, Some(_)) => Err(gone()),
                (false, _) => connection.run_all("COMMIT").map_err(told),
            };
            if done.is_err() && !connection.is_autocommit() {
                // What cannot be committed now, on a full disk, must not be committed with what comes later.
                connection.run_all("ROLLBACK").map_err(told)?;
            }
            done
        };
        for waiting in group.waiting {
            // Who went away meanwhile need not be told.
            let _ = waiting.send(done.clone());
        }
        done
    }

    /// Whether the next in turn goes on in the same transaction.
    fn is_handed_over(&self, group: &Group) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
            && group.waiting.len() < SHARED
            && group.since.is_some_and(|since| since.elapsed() < OPEN)
    }

    /// Takes back what one did; whether there is something left that others wait for.
    fn take_back(&self, shares: bool) -> bool {
        let connection = self.connection();
        if !connection.is_autocommit() {
            let undo = if shares { "ROLLBACK TO turn; RELEASE turn" } else { "ROLLBACK" };
            if let Err(error) = connection.run_all(undo) {
                tracing::error!(%error, "a transaction could not be taken back");
            }
        }
        if !shares {
            *self.group() = Group::default();
        }
        shares
    }
}

/// Somebody who waits for a turn.
struct Waiting<'a> {
    writer: &'a Writer,
    has_come: bool,
}

impl<'a> Waiting<'a> {
    fn new(writer: &'a Writer) -> Self {
        writer.0.waiting.fetch_add(1, Ordering::SeqCst);
        Self { writer, has_come: false }
    }

    async fn turn(mut self) -> Result<OwnedSemaphorePermit, DbErr> {
        let turns = self.writer.0.turns.clone();
        let place = tokio::time::timeout(TURN, turns.acquire_owned()).await;
        let place = place.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?.map_err(|_| CLOSED)?;
        self.has_come = true;
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.writer.0.waiting.fetch_sub(1, Ordering::SeqCst);
        if self.has_come {
            return;
        }
        // Who was to commit for others went away.
        let writer = self.writer.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Ok(place) = writer.0.turns.clone().acquire_owned().await {
                    let _ = writer.finish(place).await;
                }
            });
        }
    }
}

/// A transaction of one: taken back unless it is committed, once no statement of it is under way.
pub struct Turn(Arc<Held>);

struct Held {
    writer: Writer,
    place: Option<OwnedSemaphorePermit>,
    /// Others who wait for the commit came before in the same transaction.
    shares: bool,
}

impl Turn {
    fn new(writer: &Writer, place: OwnedSemaphorePermit, shares: bool) -> Self {
        Self(Arc::new(Held { writer: writer.clone(), place: Some(place), shares }))
    }

    /// The rows of a statement, at most so many.
    pub async fn rows(&self, statement: Statement, most: usize) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(statement, move |connection, statement| connection.rows(statement, most)).await?.told()
    }

    /// Does what a statement says.
    pub async fn run(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ask(statement, Connection::run).await?.told()
    }

    /// Does what a text of statements without values says.
    pub async fn run_all(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.writer.0.connection().run_all(sql).map_err(told)?;
        Done::default().told()
    }

    async fn ask<T: Send + 'static>(
        &self,
        statement: Statement,
        ask: impl FnOnce(&mut Connection, &Statement) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DbErr> {
        // Whoever asked may go away before a statement that is asked elsewhere has begun.
        let held = self.0.clone();
        let is_long = held.writer.0.long.is(&statement.sql);
        let asked = move || {
            let (inner, begun) = (&held.writer.0, Instant::now());
            let answer = ask(&mut inner.connection(), &statement);
            inner.long.note(&statement.sql, begun.elapsed() > BRIEF);
            answer.map_err(told)
        };
        if is_long { elsewhere(asked).await } else { asked() }
    }

    /// Makes what was done durable.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Some(mut held) = Arc::into_inner(self.0) else {
            return Err(DbErr::Custom("a statement of the transaction was given up".into()));
        };
        let (writer, shares) = (held.writer.clone(), held.shares);
        let inner = &writer.0;
        let is_lost = inner.connection().is_autocommit();
        if shares && !is_lost {
            inner.connection().run_all("RELEASE turn").map_err(told)?;
        }
        let Some(place) = held.place.take() else { return Err(CLOSED) };
        if is_lost {
            return writer.finish(place).await;
        }
        let told = {
            let mut group = inner.group();
            inner.is_handed_over(&group).then(|| {
                let (tell, told) = oneshot::channel();
                group.waiting.push(tell);
                told
            })
        };
        match told {
            None => writer.finish(place).await,
            Some(told) => {
                drop(place);
                told.await.unwrap_or(Err(CLOSED))
            }
        }
    }

    /// Takes back what was done.
    pub fn rollback(self) {
        drop(self);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else { return };
        let (writer, shares) = (self.writer.clone(), self.shares);
        let finish = move || {
            if !writer.0.take_back(shares) {
                return;
            }
            let is_handed_over = writer.0.is_handed_over(&writer.0.group());
            if !is_handed_over {
                // Those who wait are told what went wrong.
                let _ = writer.0.commit();
            }
            drop(place);
        };
        // A statement may still be under way, and others may wait for the disk.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if shares || self.writer.0.connection.try_lock().is_err() => {
                drop(runtime.spawn_blocking(finish))
            }
            _ => finish(),
        }
    }
}

/// Does something that may block.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> Result<T, DbErr> + Send + 'static) -> Result<T, DbErr> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(CLOSED),
        },
    }
}

/// The transaction ended because of a failure of somebody else in it: on a full disk SQLite takes back all of it.
fn gone() -> DbErr {
    told(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
        Some("the transaction was taken back because of a failure".to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sea_orm::DbBackend;

    use super::*;
    use crate::sqlite::Readers;

    struct Words {
        writer: Writer,
        readers: Arc<Readers>,
        _folder: tempfile::TempDir,
    }

    impl Words {
        async fn none() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("some.sqlite");
            let writer = Writer::open(&file).expect("a database");
            writer.alone("CREATE TABLE word (text TEXT)").await.expect("a table");
            Self { writer, readers: Readers::new(file, 2), _folder: folder }
        }

        async fn all(&self) -> Vec<String> {
            let asked = Statement::from_string(DbBackend::Sqlite, "SELECT text FROM word ORDER BY text");
            let rows = self.readers.rows(asked, usize::MAX).await.expect("the words");
            rows.iter().map(|row| row.try_get("", "text").expect("a word")).collect()
        }
    }

    async fn add(turn: &Turn, word: &str) {
        let sql = "INSERT INTO word VALUES (?)";
        turn.run(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [word.into()])).await.expect("a word");
    }

    #[tokio::test]
    async fn each_finds_what_it_committed_and_nothing_of_what_others_took_back() {
        let words = Arc::new(Words::none().await);
        let one = async |number: usize| {
            let (word, turn) = (format!("{number:02}"), words.writer.begin().await.expect("a turn"));
            add(&turn, &word).await;
            if number.is_multiple_of(3) {
                drop(turn);
            } else if number % 3 == 1 {
                turn.rollback();
            } else {
                turn.commit().await.expect("a commit");
                assert!(words.all().await.contains(&word), "what is committed is there for everybody");
            }
        };
        futures::future::join_all((0..60).map(one)).await;
        let kept: Vec<String> = (0..60).filter(|number| number % 3 == 2).map(|number| format!("{number:02}")).collect();
        assert_eq!(words.all().await, kept);
    }

    #[tokio::test]
    async fn those_who_wait_share_one_commit() {
        let words = Words::none().await;
        let first = words.writer.begin().await.expect("a turn");
        add(&first, "first").await;
        let mut second = Box::pin(words.writer.begin());
        assert!(futures::poll!(&mut second).is_pending());
        let mut committing = Box::pin(first.commit());
        assert!(futures::poll!(&mut committing).is_pending());
        assert!(words.all().await.is_empty(), "the disk is waited for once, at the end");
        let second = second.await.expect("a turn");
        add(&second, "second").await;
        second.commit().await.expect("a commit");
        committing.await.expect("a commit");
        assert_eq!(words.all().await, ["first", "second"]);
    }

    #[tokio::test]
    async fn a_statement_that_was_given_up_is_taken_back_with_its_transaction() {
        let words = Words::none().await;
        let sql = "INSERT INTO word SELECT ?";
        for _ in 0..50 {
            words.writer.0.long.note(sql, true);
            let given_up = words.writer.begin().await.expect("a turn");
            let lost = Statement::from_sql_and_values(DbBackend::Sqlite, sql, ["lost".into()]);
            let mut asked = Box::pin(given_up.run(lost));
            // It may be done already, or not have begun.
            let _ = futures::poll!(&mut asked);
            drop(asked);
            drop(given_up);
            words.writer.begin().await.expect("a turn").commit().await.expect("a commit");
            assert!(words.all().await.is_empty());
        }
    }

    #[tokio::test]
    async fn who_goes_away_while_it_waits_holds_up_nobody() {
        let words = Words::none().await;
        let first = words.writer.begin().await.expect("a turn");
        add(&first, "first").await;
        let mut second = Box::pin(words.writer.begin());
        assert!(futures::poll!(&mut second).is_pending());
        let mut committing = Box::pin(first.commit());
        assert!(futures::poll!(&mut committing).is_pending());
        drop(second);
        tokio::time::timeout(Duration::from_secs(20), committing).await.expect("an end").expect("a commit");
        assert_eq!(words.all().await, ["first"]);
    }

    #[tokio::test]
    async fn whoever_shared_a_transaction_that_a_full_disk_ended_is_told_the_truth() {
        let words = Words::none().await;
        let first = words.writer.begin().await.expect("a turn");
        add(&first, "first").await;
        let mut second = Box::pin(words.writer.begin());
        assert!(futures::poll!(&mut second).is_pending());
        let mut committing = Box::pin(first.commit());
        assert!(futures::poll!(&mut committing).is_pending());
        let second = second.await.expect("a turn");
        second.run_all("PRAGMA max_page_count = 2").await.expect("a limit");
        let large = format!("INSERT INTO word VALUES ('{}')", "x".repeat(100_000));
        second.run_all(&large).await.expect_err("there is no room");
        drop(second);
        let told = tokio::time::timeout(Duration::from_secs(20), committing).await.expect("an end");
        assert_eq!(told.is_ok(), words.all().await == ["first"]);
        let third = words.writer.begin().await.expect("a turn");
        add(&third, "third").await;
        third.commit().await.expect("a commit");
        assert!(words.all().await.contains(&"third".to_owned()));
    }
}
