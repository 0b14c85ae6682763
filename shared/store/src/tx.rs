//! One write transaction.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::ledger::Ledger;
use crate::{Store, StoreError};

/// A write transaction: doors take `&Tx`, the edge that opened it commits. Dropped without commit it rolls back.
pub struct Tx {
    inner: DatabaseTransaction,
    store: Store,
    now: DateTime<Utc>,
    ledger: Arc<Ledger>,
    rings: Mutex<BTreeSet<&'static str>>,
}

impl Tx {
    pub(crate) fn new(inner: DatabaseTransaction, store: Store, ledger: Arc<Ledger>) -> Self {
        Self { inner, now: store.clock().now(), store, ledger, rings: Mutex::default() }
    }

    /// The one time of everything in this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Wakes whoever waits at `store.bell(topic)` once this transaction is committed.
    pub fn ring(&self, topic: &'static str) {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner).insert(topic);
    }

    /// Makes everything in this transaction durable, then rings.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await?;
        for topic in self.rings.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.store.ring(topic);
        }
        Ok(())
    }

    /// Takes everything in this transaction back.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }

    /// The store this transaction belongs to.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ledger.note(&statement);
        self.inner.execute_raw(statement).await
    }
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ledger.note_plain();
        self.inner.execute_unprepared(sql).await
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ledger.note(&statement);
        self.inner.query_one_raw(statement).await
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ledger.note(&statement);
        self.inner.query_all_raw(statement).await
    }
}
