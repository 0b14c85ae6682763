//! Guildhall: plug.
