//! Mail that comes in: taken at the door, kept on the disk, then handed to its mailboxes.
//!
//! [`serve`] takes mail over SMTP and LMTP and delivers it; [`receive`] takes one mail that is here already (the
//! command line, tests), and [`deliver_pending`] hands over what waits.

mod command;
#[cfg(test)]
mod conversations;
mod deliver;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod group;
mod listen;
mod mailboxes;
mod query;
mod session;
mod spool;
#[cfg(test)]
mod tests;
mod trace;
mod wire;

#[cfg(test)]
pub(crate) use conversations::certificate;
pub use deliver::deliver_pending;
pub(crate) use listen::acceptor;
pub use listen::{ListenError, Listeners, serve};
pub use mailboxes::{Mailboxes, Route};
pub use query::{InboxFilter, InboxState, Kept, drop, inbox, raw, retry};
pub use spool::{BELL, Envelope, InboundId, Received, Refused, receive};
pub(crate) use spool::{Spooled, To, keep};
