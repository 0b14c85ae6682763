//! Guildhall: site.
