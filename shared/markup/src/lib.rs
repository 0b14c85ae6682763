//! Guildhall: markup.
