//! Guildhall: store.
