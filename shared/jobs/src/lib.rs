//! Guildhall: jobs.
