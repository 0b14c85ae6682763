//! The statements that were sent: always counted, written down when a test asks for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sea_orm::Statement;

/// Counts statements, and keeps them between [`Ledger::begin`] and [`Ledger::end`].
#[derive(Default)]
pub(crate) struct Ledger {
    sent: AtomicU64,
    recording: AtomicBool,
    statements: Mutex<Vec<Statement>>,
}

impl Ledger {
    /// Notes a statement that is about to be sent.
    pub(crate) fn note(&self, statement: &Statement) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        if self.recording.load(Ordering::Relaxed) {
            self.statements.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
        }
    }

    /// Notes a text that is sent without values: DDL.
    pub(crate) fn note_plain(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// How many statements have been sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Writes statements down from now on.
    pub(crate) fn begin(&self) {
        self.recording.store(true, Ordering::Relaxed);
    }

    /// Stops, and gives what was written down.
    pub(crate) fn end(&self) -> Vec<Statement> {
        self.recording.store(false, Ordering::Relaxed);
        std::mem::take(&mut *self.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
