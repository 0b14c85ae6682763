//! One write transaction.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::ledger::Ledger;
use crate::sqlite::Turn;
use crate::{Store, StoreError, full};

/// A write transaction: doors take `&Tx`, the edge that opened it commits. Dropped without commit it rolls back.
pub struct Tx {
    by: By,
    store: Store,
    now: DateTime<Utc>,
    ledger: Arc<Ledger>,
    rings: Mutex<BTreeSet<&'static str>>,
    /// The database has taken the transaction back by itself: what came now would stand alone.
    gone: AtomicBool,
    last: Mutex<Vec<Last>>,
    afterwards: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

/// What is done right before a commit.
type Last = Box<dyn for<'a> FnOnce(&'a Tx) -> BoxFuture<'a, Result<(), StoreError>> + Send>;

/// What a transaction is done by.
pub(crate) enum By {
    Sqlite(Turn),
    Server(DatabaseTransaction),
}

impl Tx {
    pub(crate) fn new(by: By, store: Store, ledger: Arc<Ledger>) -> Self {
        Self {
            by,
            now: store.clock().now(),
            store,
            ledger,
            rings: Mutex::default(),
            gone: AtomicBool::new(false),
            last: Mutex::default(),
            afterwards: Mutex::default(),
        }
    }

    /// The one time of everything in this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Wakes whoever waits at `store.bell(topic)` once this transaction is committed.
    pub fn ring(&self, topic: &'static str) {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner).insert(topic);
    }

    /// Does something as the last of this transaction, in the order of asking: what many transactions wait for is held
    /// briefly then, and nothing is waited for behind it.
    pub fn before_commit(
        &self,
        work: impl for<'a> FnOnce(&'a Tx) -> BoxFuture<'a, Result<(), StoreError>> + Send + 'static,
    ) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(work));
    }

    /// Does something once this transaction is committed and never without that: a line of the log, a count.
    pub fn after_commit(&self, tell: impl FnOnce() + Send + 'static) {
        self.afterwards.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(tell));
    }

    /// Makes everything in this transaction durable, then rings.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.still_there()?;
        let last = std::mem::take(&mut *self.last.lock().unwrap_or_else(PoisonError::into_inner));
        for work in last {
            work(&self).await?;
        }
        match self.by {
            By::Sqlite(turn) => turn.commit().await?,
            By::Server(transaction) => transaction.commit().await?,
        }
        for topic in self.rings.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.store.ring(topic);
        }
        for tell in self.afterwards.into_inner().unwrap_or_else(PoisonError::into_inner) {
            tell();
        }
        Ok(())
    }

    /// Takes everything in this transaction back.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.by {
            By::Sqlite(turn) => turn.rollback(),
            By::Server(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }

    /// Refuses once the transaction is gone.
    fn still_there(&self) -> Result<(), DbErr> {
        if self.gone.load(Ordering::Relaxed) {
            return Err(DbErr::Custom("the transaction was taken back because of an earlier failure".into()));
        }
        Ok(())
    }

    /// Notes whether a failure ended the transaction.
    fn look_at<T>(&self, done: Result<T, DbErr>) -> Result<T, DbErr> {
        if done.as_ref().is_err_and(full::ends_transaction) {
            self.gone.store(true, Ordering::Relaxed);
        }
        done
    }

    /// The store this transaction belongs to.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.by {
            By::Sqlite(_) => DbBackend::Sqlite,
            By::Server(transaction) => transaction.get_database_backend(),
        }
    }
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.still_there()?;
        self.ledger.note(&statement);
        self.look_at(match &self.by {
            By::Sqlite(turn) => turn.run(statement).await,
            By::Server(transaction) => transaction.execute_raw(statement).await,
        })
    }
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.still_there()?;
        self.ledger.note_plain();
        self.look_at(match &self.by {
            By::Sqlite(turn) => turn.run_all(sql).await,
            By::Server(transaction) => transaction.execute_unprepared(sql).await,
        })
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.still_there()?;
        self.ledger.note(&statement);
        self.look_at(match &self.by {
            By::Sqlite(turn) => turn.rows(statement, 1).await.map(|mut rows| rows.pop()),
            By::Server(transaction) => transaction.query_one_raw(statement).await,
        })
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.still_there()?;
        self.ledger.note(&statement);
        self.look_at(match &self.by {
            By::Sqlite(turn) => turn.rows(statement, usize::MAX).await,
            By::Server(transaction) => transaction.query_all_raw(statement).await,
        })
    }
}
