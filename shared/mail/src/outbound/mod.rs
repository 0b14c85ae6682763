//! Mail that goes out: rows with a state for each recipient, sent by whoever claims them.
//!
//! [`queue`] and [`queue_raw`] write rows in the caller's transaction; [`outbox`] reads them.

mod query;
mod queue;

pub use query::{Copy, OutboxFilter, State, counts, outbox, rendered};
pub use queue::{BELL, OutgoingId, Personal, Raw, Relay, drop, queue, queue_raw, retry};
