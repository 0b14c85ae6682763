//! Guildhall: testkit.
