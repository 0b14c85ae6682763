//! Guildhall: tracker.
