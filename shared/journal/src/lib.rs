//! The journal: every change of the hub, in order, and those who answer it.
//!
//! Begin with [`event`], the map of the product. A door appends an event in the transaction of the change
//! ([`append`]); the [`Dispatcher`] hands it to each [`Subscriber`] afterwards.
//!
//! Invariants:
//! - An event and the change it tells of are one transaction.
//! - A subscriber's rows and its cursor move in one transaction: its rows happen exactly once.
//! - Entries are dispatched in the order of their numbers. They are written right before the commit, on PostgreSQL under
//!   an advisory lock, so that a lower number never commits after a higher one, and whoever has the lock waits for nobody.
//! - An entry that keeps failing is parked, not lost, and the subscriber goes on behind it.

mod append;
mod dispatch;
mod entity;
mod event;
pub mod query;
mod subscriber;
mod turn;
mod watch;

pub use append::{Entry, append, show_to};
pub use dispatch::{BELL, Dispatcher, retry_parked, rewind};
pub use event::{Change, Commit, Event, Headline, Mention, issue_name};
pub use subscriber::{Failure, Subscriber};
