//! Guildhall: migrations.
