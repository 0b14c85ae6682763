//! Guildhall: journal.
