//! Reading one moment of a database that others go on writing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::TryStreamExt;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, Statement, StreamTrait,
    TransactionOptions, TransactionTrait,
};
use serde_json::Value as Json;

use super::schema::{self, Table, quoted};
use super::value;
use crate::blobs::{self, BlobId};
use crate::{Store, StoreError};

/// One moment of the database: a read transaction (SQLite in WAL mode), repeatable read on PostgreSQL.
pub struct Snapshot {
    tx: DatabaseTransaction,
    data: PathBuf,
    tables: Vec<Table>,
    steps: Vec<String>,
}

/// The bytes of a blob, with its name.
pub struct Body {
    pub id: BlobId,
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// The moment in which this is called.
    pub async fn take(store: &Store) -> Result<Self, StoreError> {
        let options = match store.backend() {
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        let tx = store.connection().begin_with_options(options).await?;
        // The first statement is the moment.
        let steps = schema::steps(&tx).await?;
        let tables = schema::tables(&tx).await?;
        Ok(Self { tx, data: store.data().to_owned(), tables, steps })
    }

    /// The tables of this moment, without the blobs.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The migrations that the database had taken.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.tx)
    }

    /// How many rows a table has, for progress.
    pub async fn count(&self, table: &str) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        let row = self.tx.query_one_raw(Statement::from_string(self.backend(), sql)).await?;
        let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(count.unwrap_or(0).max(0) as u64)
    }

    /// Hands over every row of a table, in the order of its key.
    pub async fn rows<E: From<StoreError>>(
        &self,
        table: &Table,
        mut each: impl FnMut(Vec<Json>) -> Result<(), E>,
    ) -> Result<(), E> {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let order: Vec<String> = table.key.iter().map(|column| quoted(column)).collect();
        let mut sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(&table.name));
        if !order.is_empty() {
            sql += &format!(" ORDER BY {}", order.join(", "));
        }
        let broken = |error: DbErr| E::from(StoreError::from(error));
        let backend = self.backend();
        let mut rows = self.tx.stream_raw(Statement::from_string(backend, sql)).await.map_err(broken)?;
        while let Some(row) = rows.try_next().await.map_err(broken)? {
            let values = table.columns.iter().enumerate();
            let values: Result<Vec<Json>, DbErr> =
                values.map(|(index, column)| value::read(&row, index, column.kind, backend)).collect();
            each(values.map_err(broken)?)?;
        }
        Ok(())
    }

    /// Hands over every blob, by name, wherever its bytes stand.
    pub async fn blobs<E: From<StoreError>>(&self, mut each: impl FnMut(Body) -> Result<(), E>) -> Result<(), E> {
        let broken = |error: DbErr| E::from(StoreError::from(error));
        let sql = format!("SELECT hash, body FROM {} ORDER BY hash", schema::BLOBS);
        let mut rows = self.tx.stream_raw(Statement::from_string(self.backend(), sql)).await.map_err(broken)?;
        while let Some(row) = rows.try_next().await.map_err(broken)? {
            let id = BlobId(row.try_get_by_index(0).map_err(broken)?);
            let body: Option<Vec<u8>> = row.try_get_by_index(1).map_err(broken)?;
            let bytes = match body {
                Some(bytes) => bytes,
                None => std::fs::read(blobs::path(&self.data, &id)).map_err(|_| StoreError::Damaged(id.0.clone()))?,
            };
            each(Body { id, bytes })?;
        }
        Ok(())
    }

    /// How many blobs there are.
    pub async fn count_blobs(&self) -> Result<u64, StoreError> {
        self.count(schema::BLOBS).await
    }

    /// The last number that each table gave to a row, so that none is given twice.
    pub async fn numbers(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql = match self.backend() {
            DbBackend::Sqlite => "SELECT name, seq FROM sqlite_sequence",
            _ => {
                "SELECT t.relname::text, s.last_value FROM pg_sequences s \
                 JOIN pg_class q ON q.relname = s.sequencename AND q.relkind = 'S' \
                 AND q.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = s.schemaname) \
                 JOIN pg_depend d ON d.objid = q.oid AND d.deptype IN ('a', 'i') \
                 JOIN pg_class t ON t.oid = d.refobjid AND t.relkind = 'r' \
                 WHERE s.schemaname = current_schema() AND s.last_value IS NOT NULL"
            }
        };
        let rows = self.tx.query_all_raw(Statement::from_string(self.backend(), sql)).await?;
        let read = |row: &sea_orm::QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
    }
}
