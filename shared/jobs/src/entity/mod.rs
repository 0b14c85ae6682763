pub(crate) mod job;
pub(crate) mod lease;
pub(crate) mod schedule;
