//! The tables of commits; only the doors and queries of this crate use them.

pub mod branch;
pub mod push;
pub mod push_ref;
pub mod repository;
pub mod revision;
