//! SQLite, on the thread that asks.
//!
//! sqlx answers for SQLite on a thread of its own, and each statement and each row changes between the two: that cost more
//! than the answers. Here [`Readers`] read and one [`Writer`] writes, on rusqlite, and hand rows to sea-orm as its proxy
//! does ([`sea_orm::ProxyRow`]). A row of sea-orm's proxy is known by the names of its columns; by number they come in the
//! order of the names ([`crate::Tuples`]). sqlx is left for migrations and snapshots, which sea-orm-migration wants.

mod connection;
mod fault;
mod long;
mod readers;
mod value;
mod writer;

pub use connection::{PATIENCE, SETTINGS};
pub use readers::Readers;
pub use writer::{Turn, Writer};
