pub(crate) mod inbound;
pub(crate) mod inbound_rcpt;
pub(crate) mod outgoing;
pub(crate) mod outgoing_rcpt;
