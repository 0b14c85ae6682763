//! What SQLite complains of, told as everything else hears of it.

use std::borrow::Cow;
use std::sync::Arc;

use rusqlite::ffi;
use sea_orm::error::SqlxError;
use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
use sea_orm::{DbErr, RuntimeErr};

/// A failure with its extended result code (sqlite.org/rescode.html).
#[derive(Debug, thiserror::Error)]
#[error("(code: {code}) {message}")]
struct Fault {
    code: i32,
    message: String,
}

impl DatabaseError for Fault {
    fn message(&self) -> &str {
        &self.message
    }
    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.to_string().into())
    }
    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }
    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }
    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }
    fn kind(&self) -> ErrorKind {
        match self.code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => ErrorKind::UniqueViolation,
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKeyViolation,
            ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
            ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }
}

/// A failure of SQLite as sea-orm tells failures.
pub fn told(error: rusqlite::Error) -> DbErr {
    let error = match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let message = message.unwrap_or_else(|| ffi::code_to_str(failure.extended_code).to_owned());
            SqlxError::Database(Box::new(Fault { code: failure.extended_code, message }))
        }
        other => SqlxError::Decode(Box::new(other)),
    };
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// Whether a statement ended because it took too many steps.
pub fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ffi::ErrorCode::OperationInterrupted)
}

/// Whether somebody else writes.
pub fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ffi::ErrorCode::DatabaseBusy)
}
