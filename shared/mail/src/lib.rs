//! Guildhall: mail.
