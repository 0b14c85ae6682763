//! Guildhall: commits.
