pub(crate) mod channel;
pub(crate) mod line;
pub(crate) mod say;
