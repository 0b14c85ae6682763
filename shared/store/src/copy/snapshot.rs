//! Reading one moment of a database that others go on writing.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

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

/// Bytes of a blob that are handed over at a time, at most.
pub const PIECE: usize = 1 << 20;
/// Blobs that are asked for at a time; those of at most [`blobs::FILE_FROM`] bytes come with their bytes.
const AT_A_TIME: u64 = 64;

/// The bytes of a blob, with its name.
pub struct Body {
    pub id: BlobId,
    pub bytes: Vec<u8>,
}

/// What [`Snapshot::blobs`] hands over: for each blob its name and size, its bytes in order, and its end.
pub enum Part<'a> {
    Begins(&'a BlobId, u64),
    Piece(&'a [u8]),
    Ends(&'a BlobId),
}

/// A blob as its row says.
struct Row {
    id: BlobId,
    size: u64,
    /// The bytes of a small one.
    body: Option<Vec<u8>>,
    /// Whether the bytes are a file.
    in_file: bool,
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

    /// Hands over every blob, by name, wherever its bytes stand: of a large one [`PIECE`] bytes at a time.
    pub async fn blobs<E: From<StoreError>>(&self, mut each: impl FnMut(Part<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut last = String::new();
        loop {
            let rows = self.blobs_after(&last).await?;
            let Some(end) = rows.last() else { return Ok(()) };
            last.clone_from(&end.id.0);
            for row in rows {
                each(Part::Begins(&row.id, row.size))?;
                let mut given = 0;
                let mut give = |bytes: &[u8]| {
                    given += bytes.len() as u64;
                    each(Part::Piece(bytes))
                };
                match &row.body {
                    Some(body) => give(body)?,
                    None if row.in_file => pour(&blobs::path(&self.data, &row.id), &row.id, &mut give)?,
                    None => self.pour(&row, &mut give).await?,
                }
                if given != row.size {
                    return Err(StoreError::Damaged(row.id.0).into());
                }
                each(Part::Ends(&row.id))?;
            }
        }
    }

    async fn blobs_after(&self, last: &str) -> Result<Vec<Row>, StoreError> {
        let sql = format!(
            "SELECT hash, size, CASE WHEN size <= $2 THEN body END, CASE WHEN body IS NULL THEN 1 ELSE 0 END \
             FROM {} WHERE hash > $1 ORDER BY hash LIMIT {AT_A_TIME}",
            schema::BLOBS
        );
        let values = [last.into(), (blobs::FILE_FROM as i64).into()];
        let rows = self.tx.query_all_raw(Statement::from_sql_and_values(self.backend(), sql, values)).await?;
        let read = |row: sea_orm::QueryResult| {
            let (id, size, body, away): (String, i64, Option<Vec<u8>>, i32) = (
                row.try_get_by_index(0)?,
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
                row.try_get_by_index(3)?,
            );
            Ok(Row { id: BlobId(id), size: size.max(0) as u64, body, in_file: away == 1 })
        };
        Ok(rows.into_iter().map(read).collect::<Result<_, DbErr>>()?)
    }

    /// The bytes of a large blob that stands in the database.
    async fn pour<E: From<StoreError>>(
        &self,
        row: &Row,
        give: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let broken = |error: DbErr| E::from(StoreError::from(error));
        let sql = format!("SELECT substr(body, $2, $3) FROM {} WHERE hash = $1", schema::BLOBS);
        let mut at = 0;
        while at < row.size {
            // The first byte is number one, and both databases count in 32 bits.
            let from = i32::try_from(at + 1).map_err(|_| StoreError::Damaged(row.id.0.clone()))?;
            let values = [row.id.0.as_str().into(), from.into(), (PIECE as i32).into()];
            let asked = Statement::from_sql_and_values(self.backend(), &sql, values);
            let found = self.tx.query_one_raw(asked).await.map_err(broken)?;
            let piece: Option<Vec<u8>> =
                found.map(|found| found.try_get_by_index(0)).transpose().map_err(broken)?.flatten();
            let Some(piece) = piece.filter(|piece| !piece.is_empty()) else { break };
            at += piece.len() as u64;
            give(&piece)?;
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

/// The bytes of a blob that is a file.
fn pour<E: From<StoreError>>(path: &Path, id: &BlobId, give: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let damaged = |_| StoreError::Damaged(id.0.clone());
    let mut file = std::fs::File::open(path).map_err(damaged)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece).map_err(damaged)? {
            0 => return Ok(()),
            count => give(&piece[..count])?,
        }
    }
}
