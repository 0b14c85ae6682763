//! Guildhall: search.
