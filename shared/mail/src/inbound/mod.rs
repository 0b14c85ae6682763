//! Mail that comes in: taken at the door, kept on the disk, then handed to its mailboxes.
//!
//! [`receive`] takes one mail that is here already (the command line, tests); [`deliver_pending`] hands over what
//! waits; [`run`] does so whenever something new was kept.

mod deliver;
mod mailboxes;
mod query;
mod spool;
#[cfg(test)]
mod tests;

pub use deliver::{deliver_pending, run};
pub use mailboxes::{Mailboxes, Route};
pub use query::{InboxFilter, InboxState, Kept, drop, inbox, raw, retry};
pub use spool::{BELL, Envelope, InboundId, Received, receive};
