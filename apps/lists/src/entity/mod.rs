//! The tables of this app; nobody else writes them.

pub mod answer;
pub mod attachment;
pub mod ban;
pub mod bounce;
pub mod held;
pub mod known_id;
pub mod list;
pub mod member;
pub mod pending;
pub mod post;
pub mod thread;
