//! What a backup says of itself, at its head and at its end.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The format that this version writes; it reads this one and older ones.
pub const FORMAT: u32 = 1;
pub const HEAD: &str = "guildhall-backup.json";
pub const MANIFEST: &str = "manifest.json";
/// The note in the data directory of when the last backup was made; not part of a backup.
pub const NOTE: &str = "last-backup.json";

/// The first entry: enough to refuse a file without reading it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Head {
    pub format: u32,
    /// The version of Guildhall that wrote it.
    pub version: String,
    pub made_at: DateTime<Utc>,
}

/// The last entry: what must have come before it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Manifest {
    /// The migrations that the database had taken.
    pub steps: Vec<String>,
    /// Rows of each table.
    pub tables: BTreeMap<String, u64>,
    pub blobs: u64,
    /// The last number that each table gave.
    pub numbers: BTreeMap<String, i64>,
    /// The SHA-256 of every entry but blobs, which are named by theirs.
    pub hashes: BTreeMap<String, String>,
}

impl Manifest {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.values().sum()
    }

    /// Files of the data directory.
    pub fn files(&self) -> usize {
        self.hashes.keys().filter(|name| name.starts_with("files/")).count()
    }
}

/// When and where the last backup of a hub was made.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Note {
    pub made_at: DateTime<Utc>,
    pub file: String,
}

/// The last backup that this data directory knows of.
pub fn last(data: &Path) -> Option<Note> {
    serde_json::from_slice(&std::fs::read(data.join(NOTE)).ok()?).ok()
}
