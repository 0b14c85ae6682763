//! Guildhall: kernel.
