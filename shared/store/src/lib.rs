//! The database: the only crate that opens one.
//!
//! Begin with [`Store`]. `store.read()` gives a connection for queries, `store.write()` a [`Tx`]; whoever opened a
//! transaction commits it. Bytes from outside are kept by content in [`blobs`].
//!
//! Invariants:
//! - SQLite has one writer: write transactions take turns on one connection, and may share a commit.
//! - What a transaction wants to wake ([`Tx::ring`]) is woken after its commit and never without one.
//! - A commit is on the disk when [`Tx::commit`] returns (`synchronous = FULL`).

pub mod blobs;
mod clock;
pub mod copy;
mod entity;
mod error;
mod full;
mod ids;
mod ledger;
mod note;
mod open;
mod paging;
mod secret;
mod sqlite;
mod tuples;
mod tx;

pub use blobs::BlobId;
pub use clock::Clock;
pub use error::{StoreError, is_outage, unique_violation};
pub use note::{note, set_note};
pub use open::{Read, Store};
pub use paging::{COUNTED, Page, Paging, count};
pub use secret::{known_secret, shared_secret};
pub use tuples::Tuples;
pub use tx::Tx;

pub use sea_orm;
