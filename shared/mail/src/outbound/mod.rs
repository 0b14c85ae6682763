//! Mail that goes out: rows with a state for each recipient, sent by whoever claims them.
//!
//! [`queue`] and [`queue_raw`] write rows in the caller's transaction; [`run`] sends them: to mailboxes of this hub
//! directly, to everybody else through the smarthost. Without a smarthost nothing leaves, and [`outbox`] shows what
//! would.
//!
//! `send` claims mails and makes transactions of them, `worker` holds the connections, `record` writes down what became
//! of each recipient, `bounce` tells whoever sent it.

mod bounce;
mod claim;
mod client;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod once;
mod query;
mod queue;
mod record;
mod send;
mod sign;
mod smarthost;
#[cfg(test)]
mod tests;
mod worker;

pub use claim::{reclaim, set_back};
pub use once::hand_over;
pub use query::{Copy, OutboxFilter, State, counts, outbox, rendered};
pub use queue::{BELL, OutgoingId, Personal, Raw, Relay, drop, drop_all, queue, queue_raw, retry};
pub use send::{run, settle};
pub use sign::Signer;
pub use smarthost::Smarthost;
