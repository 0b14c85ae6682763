//! Mail: what comes in, what goes out, and how both are read and written.
//!
//! Begin with [`Mailbox`], the trait by which an app answers an address, and [`Message`], a mail that has been parsed.
//! Inwards: [`inbound::session`](inbound) takes a mail over SMTP or LMTP, the spool keeps it, delivery hands it to its
//! mailboxes. Outwards: [`outbound::queue`] composes a mail, [`outbound::queue_raw`] relays one unchanged to many;
//! [`outbound::run`] sends what waits.
//!
//! Invariants:
//! - A mail is on the disk, byte for byte, before its 250; the bytes stay for ever.
//! - Each recipient of a spooled mail is delivered exactly once: the mailbox's rows and the mark are one transaction.
//! - An outgoing mail keeps its Message-ID and its bytes on every retry; each recipient has a state of its own.
//! - A refusal is told to the sender once, and never to a null sender or to a robot (RFC 3834).
//! - Nothing that a stranger sends is a failure of ours: [`Message::parse`] always gives a message.

mod address;
mod compose;
mod config;
mod dsn;
mod entity;
pub mod fate;
mod flow;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod inbound;
mod mailbox;
mod message;
pub mod outbound;
pub mod report;
#[cfg(test)]
mod testing;

pub use address::{Address, Rcpt, verp_decode, verp_encode};
pub use compose::{ComposeError, Composed, Outgoing, Recipient, ReturnPath, compose};
pub use config::{Config, Size};
pub use inbound::InboundId;
pub use mailbox::{Accepts, Failure, Fate, Inbound, Mailbox};
pub use message::{Attachment, Defect, Message};
pub use outbound::{OutgoingId, Personal, Raw, Relay};
