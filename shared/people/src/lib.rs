//! Guildhall: people.
