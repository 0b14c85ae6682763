//! Every row of the database in a form that either kind of database reads: what a backup holds.
//!
//! Begin with [`Snapshot`], which reads one moment of a hub that goes on serving, and [`Filling`], which writes rows into
//! a database that is empty. Both learn the tables from the database itself, so that a new table needs nothing here.
//! Values stand as JSON: numbers, text, true and false; times as RFC 3339 in UTC, days as ISO 8601, bytes as base64.
//!
//! Invariants: a filling is one transaction, and what the database derives by itself (full text, generated columns) is
//! not copied but made anew. A large blob is never whole in memory, on the way out and in.

mod fill;
mod schema;
mod snapshot;
mod value;

pub use fill::{Filling, Target};
pub use schema::{Column, Kind, Table};
pub use snapshot::{Body, PIECE, Part, Snapshot};
