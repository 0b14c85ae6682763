//! SQLite, on the thread that asks.
//!
//! sqlx answers for SQLite on threads of its own, and each statement and each row changes between the two: that cost more
//! than the answers. Here [`Readers`] read and one [`Writer`] writes, on rusqlite ([the decision](../../../docs/decisions/sqlite.md)).
//! Begin with [`connection`]; sqlx is left for migrations and snapshots.
//!
//! Invariants:
//! - A row is known by the names of its columns; [`crate::Tuples`] names them in their order.
//! - Whoever shares a commit goes on after it, or is told that it failed.
//! - A transaction that was given up is taken back after the last statement of it, and before the next one begins.

mod connection;
mod fault;
mod long;
mod readers;
mod value;
mod writer;

pub use connection::{PATIENCE, SETTINGS};
pub use readers::Readers;
pub use writer::{Turn, Writer};
