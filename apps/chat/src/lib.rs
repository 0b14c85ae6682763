//! Guildhall: chat.
