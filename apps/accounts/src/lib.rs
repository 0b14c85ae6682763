//! Guildhall: accounts.
