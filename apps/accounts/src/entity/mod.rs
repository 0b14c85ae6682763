//! The tables of accounts.
pub mod audit;
pub mod password;
pub mod ticket;
