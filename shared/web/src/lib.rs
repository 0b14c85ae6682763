//! Guildhall: web.
