//! Looking into the database of a hub from the side.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest, Sha256};
use store::{Clock, Store};

use crate::fill;

/// A second pair of eyes on a hub's database.
pub struct Look {
    runtime: tokio::runtime::Runtime,
    store: Store,
    data: PathBuf,
}

/// Every column that names a blob.
const BLOBS: [&str; 9] = [
    "mail_in.blob",
    "mail_out.blob",
    "tracker_message.raw",
    "tracker_file.blob",
    "tracker_held.raw",
    "list_post.blob",
    "list_held.blob",
    "push.raw",
    "site_asset.blob",
];

impl Look {
    /// Opens the database `url` (`sqlite`: the file in `data`).
    pub fn open(url: &str, data: PathBuf) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let store = runtime.block_on(Store::open(url, &data, Clock::machine())).expect("the database opens");
        Self { runtime, store, data }
    }

    pub fn is_sqlite(&self) -> bool {
        self.store.backend() == DbBackend::Sqlite
    }

    /// Rows of two columns: a text and a number.
    pub fn counts(&self, sql: &str) -> HashMap<String, i64> {
        self.rows(sql, |row| (row.try_get_by_index(0).expect("a text"), row.try_get_by_index(1).expect("a number")))
            .into_iter()
            .collect()
    }

    /// Rows of one column of text.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        self.rows(sql, |row| row.try_get_by_index(0).expect("a text"))
    }

    /// One number.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        self.rows(sql, |row| row.try_get_by_index(0).expect("a number"))[0]
    }

    fn rows<T>(&self, sql: &str, read: impl Fn(&sea_orm::QueryResult) -> T) -> Vec<T> {
        let conn = self.store.migrating();
        let asked = Statement::from_string(conn.get_database_backend(), sql);
        let rows = self.runtime.block_on(conn.query_all_raw(asked));
        rows.unwrap_or_else(|error| panic!("{sql}: {error}")).iter().map(read).collect()
    }

    /// Changes something.
    pub fn execute(&self, sql: &str) {
        let conn = self.store.migrating();
        self.runtime.block_on(conn.execute_unprepared(sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Rows that name a blob that is not there.
    pub fn dangling(&self) -> Vec<String> {
        let mut faults = vec![];
        for place in BLOBS {
            let (table, column) = place.split_once('.').expect("a column");
            let sql = format!(
                "SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND {column} <> '' \
                 AND {column} NOT IN (SELECT hash FROM blob)"
            );
            let dangling = self.number(&sql);
            if dangling > 0 {
                faults.push(format!("{dangling} rows of {place} name a blob that is not there"));
            }
        }
        faults
    }

    /// What is wrong with the blobs: rows that name one that is not there, bytes that are not what their name says.
    pub fn blob_faults(&self) -> Vec<String> {
        let mut faults = self.dangling();
        let rows = self.rows("SELECT hash, size, body FROM blob", |row| {
            let body: Option<Vec<u8>> = row.try_get_by_index(2).expect("bytes");
            (row.try_get_by_index::<String>(0).expect("a name"), row.try_get_by_index::<i64>(1).expect("a size"), body)
        });
        for (hash, size, body) in rows {
            let path = self.data.join("blobs").join(&hash[..2]).join(&hash[2..]);
            match body.map_or_else(|| std::fs::read(&path), Ok) {
                Ok(bytes) if bytes.len() as i64 == size && hex::encode(Sha256::digest(&bytes)) == hash => {}
                Ok(bytes) => faults.push(format!("blob {hash} has {} bytes that are not its own", bytes.len())),
                Err(error) => faults.push(format!("blob {hash}: {error}")),
            }
        }
        faults
    }

    /// What was given up: entries that a subscriber could not answer, jobs that failed, records of pushes that were set aside.
    pub fn given_up(&self) -> Vec<String> {
        let mut faults = vec![];
        for (what, sql) in [
            ("parked: ", "SELECT subscriber || ' ' || entry_id || ': ' || reason FROM journal_parked"),
            ("failed: ", "SELECT name || ': ' || error FROM job WHERE state = 'failed'"),
        ] {
            faults.extend(self.texts(sql).into_iter().map(|text| format!("{what}{text}")));
        }
        let aside = std::fs::read_dir(self.data.join("spool/hooks/failed")).into_iter().flatten().flatten();
        faults.extend(aside.map(|file| format!("set aside: {}", file.path().display())));
        faults
    }

    /// Takes the steps of the database up to the first whose rows are known, and fills them in.
    pub fn grow(&self) {
        self.runtime.block_on(async {
            while let Some(step) = migrations::take_one(self.store.migrating()).await.expect("the step is taken") {
                if let Some(sql) = fill::data(&step) {
                    return fill::fill(&self.store, &sql).await;
                }
            }
            panic!("no step has rows");
        });
    }

    /// How many steps the database has not taken.
    pub fn steps_left(&self) -> usize {
        self.runtime.block_on(migrations::pending(self.store.migrating())).expect("the steps").len()
    }

    /// How many rows each table has.
    pub fn sizes(&self) -> BTreeMap<String, i64> {
        let tables = self.runtime.block_on(fill::tables(&self.store));
        let size = |table: String| {
            let count = self.number(&format!("SELECT count(*) FROM \"{table}\""));
            (table, count)
        };
        tables.into_iter().map(size).collect()
    }

    /// What the database itself finds wrong with its file.
    pub fn file_faults(&self) -> Vec<String> {
        if !self.is_sqlite() {
            return vec![];
        }
        let mut faults = self.texts("PRAGMA integrity_check");
        faults.retain(|line| line != "ok");
        let orphans = self.rows("PRAGMA foreign_key_check", |row| row.try_get_by_index::<String>(0).expect("a table"));
        faults.extend(orphans.into_iter().map(|table| format!("a row of {table} refers to nothing")));
        faults
    }
}
