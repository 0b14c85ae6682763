//! The tables of the tracker; only this crate writes them.
pub mod class;
pub mod commit;
pub mod file;
pub mod held;
pub mod history;
pub mod issue;
pub mod item;
pub mod message;
pub mod person;
pub mod property;
pub mod query;
pub mod tracker;
pub mod value;
