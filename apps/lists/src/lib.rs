//! Guildhall: lists.
