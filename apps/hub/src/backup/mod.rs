//! Backup and restore: one file that holds a hub, and that either database takes back.
//!
//! The file is a tar archive in gzip. It begins with `guildhall-backup.json` (format, version, time); then come
//! `files/` (the data directory without database and blobs), `rows/TABLE/N.jsonl` (the names of the columns, then a row
//! a line), `blobs/AB/REST` (named by SHA-256) and at last `manifest.json` with counts and hashes.
//!
//! Invariants:
//! - Files are read before the moment of the database, blobs after it: a push that waits in the spool is in the files or
//!   in the rows, and no row names a blob that is missing.
//! - A file is read whole and every hash in it compared before a restore writes anything.
//! - Memory is bounded whatever a hub holds: rows come in parts, large blobs and files in pieces.

mod check;
mod files;
mod manifest;
mod progress;
mod restore;
#[cfg(test)]
mod tests;
mod write;

pub use check::check;
pub use manifest::{Manifest, Note, last};
pub use restore::{Replace, restore};
pub use write::write;
