//! Work that is done later: queued in the transaction that wants it, run at least once, retried, scheduled.
//!
//! Begin with [`Job`] and [`enqueue`]. Long-lived work that must run on one hub only (an IRC connection) is a [`Task`]
//! under a [`lease`].
//!
//! Invariants: a job that was enqueued runs until it succeeds, fails for good, or is dropped by the administrator; two
//! hubs never run one job, or two with one name and key, at a time unless one of them stopped answering for [`CLAIM`];
//! of jobs with one key only one waits at a time.

mod entity;
mod job;
pub mod lease;
pub mod query;
mod queue;
mod recover;
mod runner;
mod task;

pub use job::{Every, Job, JobError};
pub use queue::{BELL, enqueue, enqueue_at, retry};
pub use recover::{reclaim, set_back};
pub use runner::{CLAIM, Runner};
pub use task::{Stop, Task};
