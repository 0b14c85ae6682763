//! Guildhall: rst.
