//! Writing rows into a database that is empty.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait, Value,
};
use serde_json::Value as Json;

use super::schema::{self, Table, quoted};
use super::{Body, PIECE, value};
use crate::blobs::{self, BlobId};
use crate::{StoreError, open};

/// Values in one statement; both databases take 32,767 and more.
const VALUES: usize = 20_000;
/// Bytes of blobs in one statement.
const BLOB_BYTES: usize = 4 << 20;

/// The database that a backup is written into. What stands there is replaced at once, or stays as it is.
pub struct Target {
    connection: DatabaseConnection,
    data: PathBuf,
    /// The new file beside the old one, where the database is SQLite.
    beside: Option<PathBuf>,
}

impl Target {
    /// Opens the place of `database` (`sqlite` or a `postgres://` URL). Refuses while anybody else has it open.
    pub async fn open(database: &str, data: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data.join("blobs"))
            .map_err(|source| StoreError::Directory { place: data.display().to_string(), source })?;
        if database != "sqlite" {
            let connection = connect(database).await?;
            alone(&connection).await?;
            return Ok(Self { connection, data: data.to_owned(), beside: None });
        }
        let file = data.join(open::SQLITE);
        if file.exists() {
            settle(&file).await?;
        }
        let beside = data.join(format!("{}.restoring", open::SQLITE));
        let _ = std::fs::remove_file(&beside);
        let url = format!("sqlite://{}?mode=rwc", beside.display());
        Ok(Self { connection: connect(&url).await?, data: data.to_owned(), beside: Some(beside) })
    }

    /// Whether people or mail are in the database that stands there.
    pub async fn is_filled(database: &str, data: &Path) -> Result<bool, StoreError> {
        let file = data.join(open::SQLITE);
        let url = match database {
            "sqlite" if !file.exists() => return Ok(false),
            "sqlite" => format!("sqlite://{}?mode=ro", file.display()),
            other => other.to_owned(),
        };
        let connection = plain(&url).await?;
        let there: Vec<String> = schema::tables(&connection).await?.into_iter().map(|table| table.name).collect();
        let mut filled = false;
        for table in ["user", "mail_in", "journal"] {
            if there.iter().any(|name| name == table) {
                let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(table));
                let statement = Statement::from_string(connection.get_database_backend(), sql);
                filled |= connection.query_one_raw(statement).await?.is_some();
            }
        }
        connection.close().await?;
        Ok(filled)
    }

    /// Begins to fill. The caller takes the migrations on [`Filling::migrating`] first.
    pub async fn begin(&self) -> Result<Filling, StoreError> {
        let tx = self.connection.begin().await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            for table in names(&tx, "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()").await?
            {
                tx.execute_unprepared(&format!("DROP TABLE {} CASCADE", quoted(&table))).await?;
            }
        }
        Ok(Filling { tx, data: self.data.clone(), later: vec![] })
    }

    /// Puts what was filled into place, after [`Filling::commit`]; gives the old database file that was kept.
    pub async fn put_in_place(self) -> Result<Option<PathBuf>, StoreError> {
        self.connection.close().await?;
        let Some(beside) = self.beside else { return Ok(None) };
        std::fs::File::open(&beside)?.sync_all()?;
        let file = self.data.join(open::SQLITE);
        let old = file.exists().then(|| self.data.join(format!("{}.before-restore", open::SQLITE)));
        if let Some(old) = &old {
            std::fs::rename(&file, old)?;
        }
        std::fs::rename(&beside, &file)?;
        std::fs::File::open(&self.data)?.sync_all()?;
        Ok(old)
    }

    /// Takes away what was begun.
    pub async fn give_up(self) {
        let _ = self.connection.close().await;
        if let Some(beside) = self.beside {
            let _ = std::fs::remove_file(beside);
        }
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
        // The file is nobody's until it is whole, so that nothing need be undone after a crash.
        sqlite.pragma("journal_mode", "MEMORY").pragma("synchronous", "OFF").pragma("foreign_keys", "OFF")
    });
    Database::connect(options).await.map_err(|source| StoreError::Open { place: open::without_password(url), source })
}

/// A connection that changes nothing about how the database keeps its journal.
async fn plain(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.map_err(|source| StoreError::Open { place: open::without_password(url), source })
}

/// Brings a database file to rest, which nobody can while another has it open.
async fn settle(file: &Path) -> Result<(), StoreError> {
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(std::time::Duration::from_secs(2)));
    let broken = |source| StoreError::Open { place: file.display().to_string(), source };
    let connection = Database::connect(options).await.map_err(broken)?;
    let asked = Statement::from_string(DbBackend::Sqlite, "PRAGMA journal_mode = DELETE");
    let rested = match connection.query_one_raw(asked).await {
        Ok(row) => row.and_then(|row| row.try_get_by_index::<String>(0).ok()).is_some_and(|mode| mode == "delete"),
        Err(_) => false,
    };
    connection.close().await?;
    if rested { Ok(()) } else { Err(StoreError::InUse { place: file.display().to_string() }) }
}

async fn alone(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
               AND backend_type = 'client backend' LIMIT 1";
    // A connection that has just been closed is still listed for a moment.
    for _ in 0..20 {
        let other = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        if other.is_none() {
            return Ok(());
        }
        connection.execute_unprepared("SELECT pg_sleep(0.1)").await?;
    }
    Err(StoreError::InUse { place: "the PostgreSQL server".into() })
}

/// A database on its way to be filled: one transaction.
pub struct Filling {
    tx: DatabaseTransaction,
    data: PathBuf,
    /// What was set aside while rows come in, as the statements that bring it back.
    later: Vec<String>,
}

impl Filling {
    /// Where the migrations are taken that the backup had taken.
    pub fn migrating(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Empties the migrated tables, sets constraints and triggers aside, and says which tables there are.
    pub async fn prepare(&mut self) -> Result<Vec<Table>, StoreError> {
        let tables = schema::tables(&self.tx).await?;
        match self.tx.get_database_backend() {
            DbBackend::Sqlite => {
                let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
                let sql = "SELECT sql FROM sqlite_master WHERE type = 'trigger'";
                self.later = names(&self.tx, sql).await?;
                for trigger in names(&self.tx, triggers).await? {
                    self.tx.execute_unprepared(&format!("DROP TRIGGER {}", quoted(&trigger))).await?;
                }
            }
            _ => self.set_aside_postgres(&tables).await?,
        }
        for table in tables.iter().map(|table| table.name.as_str()).chain([schema::BLOBS]) {
            self.tx.execute_unprepared(&format!("DELETE FROM {}", quoted(table))).await?;
        }
        Ok(tables)
    }

    async fn set_aside_postgres(&mut self, tables: &[Table]) -> Result<(), StoreError> {
        let scope = "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
        let back = format!(
            "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) {scope}"
        );
        let away = format!("SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) {scope}");
        self.later = names(&self.tx, &back).await?;
        for statement in names(&self.tx, &away).await? {
            self.tx.execute_unprepared(&statement).await?;
        }
        for table in tables {
            let name = quoted(&table.name);
            self.tx.execute_unprepared(&format!("ALTER TABLE {name} DISABLE TRIGGER USER")).await?;
            self.later.push(format!("ALTER TABLE {name} ENABLE TRIGGER USER"));
        }
        Ok(())
    }

    /// Writes rows of a table, each with a value for every one of `columns`.
    pub async fn rows(&self, table: &Table, columns: &[String], rows: &[Vec<Json>]) -> Result<(), StoreError> {
        let backend = self.tx.get_database_backend();
        let wrong = |text: String| StoreError::from(DbErr::Custom(format!("in the table {}, {text}", table.name)));
        let mut known = vec![];
        for name in columns {
            let column = table.columns.iter().find(|column| column.name == *name);
            known.push(column.ok_or_else(|| wrong(format!("there is no column {name}")))?);
        }
        for rows in rows.chunks((VALUES / columns.len().max(1)).max(1)) {
            let mut values = Vec::with_capacity(rows.len() * columns.len());
            for row in rows {
                if row.len() != known.len() {
                    return Err(wrong("a row has too few or too many values".into()));
                }
                for (json, column) in row.iter().zip(&known) {
                    values.push(value::write(json, column, backend).map_err(wrong)?);
                }
            }
            self.insert(&table.name, columns, rows.len(), values).await?;
        }
        Ok(())
    }

    async fn insert(&self, table: &str, columns: &[String], rows: usize, values: Vec<Value>) -> Result<(), StoreError> {
        let mut sql = format!("INSERT INTO {} (", quoted(table));
        sql += &columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
        sql += ") VALUES ";
        for row in 0..rows {
            sql += if row == 0 { "(" } else { ", (" };
            for column in 0..columns.len() {
                let comma = if column == 0 { "" } else { ", " };
                sql += &format!("{comma}${}", row * columns.len() + column + 1);
            }
            sql += ")";
        }
        let statement = Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values);
        self.tx.execute_raw(statement).await?;
        Ok(())
    }

    /// Keeps blobs: large ones as files where the database is SQLite.
    pub async fn blobs(&self, bodies: &[Body]) -> Result<(), StoreError> {
        let columns = ["hash", "size", "body"].map(str::to_owned);
        let sqlite = self.tx.get_database_backend() == DbBackend::Sqlite;
        let mut values = vec![];
        let (mut rows, mut bytes) = (0, 0);
        for body in bodies {
            let in_file = sqlite && body.bytes.len() >= blobs::FILE_FROM;
            if in_file {
                blobs::write_file(&blobs::path(&self.data, &body.id), &body.bytes)?;
            }
            let inside = (!in_file).then(|| body.bytes.clone());
            bytes += inside.as_ref().map_or(0, Vec::len);
            values.extend([body.id.0.clone().into(), (body.bytes.len() as i64).into(), Value::Bytes(inside)]);
            rows += 1;
            if bytes >= BLOB_BYTES || rows == VALUES / columns.len() {
                self.insert(schema::BLOBS, &columns, rows, std::mem::take(&mut values)).await?;
                (rows, bytes) = (0, 0);
            }
        }
        if rows > 0 {
            self.insert(schema::BLOBS, &columns, rows, values).await?;
        }
        Ok(())
    }

    /// Keeps a blob of `size` bytes as it is read, [`PIECE`] bytes at a time.
    pub async fn large_blob(&self, id: &BlobId, size: u64, from: &mut impl Read) -> Result<(), StoreError> {
        if self.tx.get_database_backend() == DbBackend::Sqlite {
            blobs::write_file_from(&blobs::path(&self.data, id), size, from)?;
            let columns = ["hash", "size", "body"].map(str::to_owned);
            let values = vec![id.0.clone().into(), (size as i64).into(), Value::Bytes(None)];
            return self.insert(schema::BLOBS, &columns, 1, values).await;
        }
        // A large object takes bytes at any place, which a column does not (PostgreSQL, 33.4).
        let ask = |sql: &str, values: Vec<Value>| Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let row = self.tx.query_one_raw(ask("SELECT lo_create(0)::bigint", vec![])).await?;
        let object: i64 = row.ok_or_else(|| StoreError::Damaged(id.0.clone()))?.try_get_by_index(0)?;
        let (mut at, mut piece) = (0_u64, vec![0; PIECE]);
        loop {
            let count = from.read(&mut piece)?;
            if count == 0 {
                break;
            }
            let values = vec![object.into(), (at as i64).into(), piece[..count].to_vec().into()];
            self.tx.execute_raw(ask("SELECT lo_put($1::oid, $2, $3)", values)).await?;
            at += count as u64;
        }
        if at != size {
            return Err(StoreError::Damaged(id.0.clone()));
        }
        let insert = format!("INSERT INTO {} (hash, size, body) VALUES ($1, $2, lo_get($3::oid))", schema::BLOBS);
        let values = vec![id.0.as_str().into(), (size as i64).into(), object.into()];
        self.tx.execute_raw(ask(&insert, values)).await?;
        self.tx.execute_raw(ask("SELECT lo_unlink($1::oid)", vec![object.into()])).await?;
        Ok(())
    }

    /// Brings back what was set aside, makes anew what is derived, and lets numbering go on behind `numbers`.
    pub async fn finish(&self, numbers: &BTreeMap<String, i64>) -> Result<(), StoreError> {
        match self.tx.get_database_backend() {
            DbBackend::Sqlite => self.finish_sqlite(numbers).await,
            _ => self.finish_postgres(numbers).await,
        }
    }

    async fn finish_sqlite(&self, numbers: &BTreeMap<String, i64>) -> Result<(), StoreError> {
        let texts = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%'";
        for text in names(&self.tx, texts).await? {
            let name = quoted(&text);
            self.tx.execute_unprepared(&format!("INSERT INTO {name}({name}) VALUES ('rebuild')")).await?;
        }
        for statement in &self.later {
            self.tx.execute_unprepared(statement).await?;
        }
        let counting =
            names(&self.tx, "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' COLLATE NOCASE").await?;
        for (table, last) in numbers.iter().filter(|(table, _)| counting.contains(table)) {
            for sql in [
                "UPDATE sqlite_sequence SET seq = MAX(seq, $2) WHERE name = $1",
                "INSERT INTO sqlite_sequence (name, seq) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)",
            ] {
                let values: [Value; 2] = [table.as_str().into(), (*last).into()];
                self.tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
            }
        }
        let loose =
            self.tx.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_key_check")).await?;
        match loose {
            None => Ok(()),
            Some(row) => {
                let table: String = row.try_get_by_index(0)?;
                Err(DbErr::Custom(format!("a row of the table {table} refers to one that is not there")).into())
            }
        }
    }

    async fn finish_postgres(&self, numbers: &BTreeMap<String, i64>) -> Result<(), StoreError> {
        for statement in &self.later {
            self.tx.execute_unprepared(statement).await?;
        }
        let sequences = "SELECT t.relname::text FROM pg_class q \
                         JOIN pg_depend d ON d.objid = q.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') \
                         JOIN pg_class t ON t.oid = d.refobjid AND t.relkind = 'r' \
                         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND a.attname = 'id' \
                         WHERE q.relkind = 'S' AND t.relnamespace = current_schema()::regnamespace";
        for table in names(&self.tx, sequences).await? {
            let last = numbers.get(&table).copied().unwrap_or(0);
            let name = quoted(&table);
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence($1, 'id'), GREATEST($2, (SELECT COALESCE(MAX(id), 0) FROM {name}), 1), \
                 GREATEST($2, (SELECT COALESCE(MAX(id), 0) FROM {name})) > 0)"
            );
            let values: [Value; 2] = [name.as_str().into(), last.into()];
            self.tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        }
        Ok(())
    }

    /// Makes all of it durable at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

async fn names(conn: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
