//! What can go wrong with the database, as sentences.

use sea_orm::error::SqlxError;
use sea_orm::{DbErr, RuntimeErr};

/// A failure of the database or of the files beside it; trying again may help.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "The database at {place} cannot be opened: {source}. Check that it runs and that this user may read and write it."
    )]
    Open { place: String, source: DbErr },
    #[error(
        "The database at {place} is in use. Stop every hub and every other program that has it open, then try again."
    )]
    InUse { place: String },
    #[error("The data directory {place} cannot be used: {source}.")]
    Directory { place: String, source: std::io::Error },
    #[error("The database refused an operation: {0}")]
    Database(#[from] DbErr),
    #[error("A stored file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    #[error("The stored bytes {0} are missing or damaged.")]
    Damaged(String),
}

impl StoreError {
    /// Whether the database could not be reached or is locked: the same may succeed in a moment.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Open { source, .. } | Self::Database(source) => is_outage(source),
            Self::Directory { .. } | Self::File(_) | Self::Damaged(_) | Self::InUse { .. } => false,
        }
    }

    /// Whether two changes waited for each other, so that PostgreSQL took this one back (40P01 of appendix A of its
    /// manual): the same may succeed at once.
    pub fn is_deadlock(&self) -> bool {
        let Self::Database(source) = self else { return false };
        lower(source).and_then(code).is_some_and(|code| code == "40P01")
    }

    /// Whether there is no room left to write: nothing of the change was kept, and it succeeds once there is room.
    pub fn is_full(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match self {
            Self::Open { source, .. } | Self::Database(source) => {
                lower(source).is_some_and(|error| code(error).is_some_and(|code| is_code_of_full(&code)))
            }
            Self::Directory { source, .. } | Self::File(source) => matches!(source.kind(), StorageFull | QuotaExceeded),
            Self::Damaged(_) | Self::InUse { .. } => false,
        }
    }
}

/// Whether a failure is of the database as a whole, not of what was asked of it: the connection broke, no connection
/// came free in time, the server stops or starts, the file is locked by another process.
pub fn is_outage(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_)) || lower(error).is_some_and(is_lost)
}

fn lower(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

fn code(error: &SqlxError) -> Option<String> {
    match error {
        SqlxError::Database(error) => error.code().map(|code| code.into_owned()),
        _ => None,
    }
}

fn is_lost(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::Protocol(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => true,
        _ => code(error).is_some_and(|code| is_code_of_outage(&code)),
    }
}

/// PostgreSQL (appendix A of its manual): 53100 disk full. SQLite (its result codes, the low byte of the extended
/// ones): 13 full.
fn is_code_of_full(code: &str) -> bool {
    code == "53100" || code.len() < 5 && code.parse::<u32>().is_ok_and(|code| code & 0xff == 13)
}

/// PostgreSQL (appendix A of its manual): class 08 connections, 53 resources, 57P0x stopping and starting. SQLite (its
/// result codes, the low byte of the extended ones): 5 busy, 6 locked, 10 I/O, 14 cannot open.
fn is_code_of_outage(code: &str) -> bool {
    if is_code_of_full(code) {
        return false;
    }
    if code.len() == 5 && code.starts_with(|c: char| c.is_ascii_digit()) {
        return code.starts_with("08") || code.starts_with("53") || code.starts_with("57P0");
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 14))
}

/// Whether a failure is a unique constraint: at a door it becomes a refusal, since trying again does not help.
pub fn unique_violation(error: &DbErr) -> bool {
    matches!(lower(error), Some(SqlxError::Database(error)) if error.is_unique_violation())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{StoreError, is_code_of_full, is_code_of_outage};

    #[test]
    fn an_outage_is_told_from_a_fault() {
        for code in ["57P01", "57P03", "08006", "53300", "5", "261", "517", "14"] {
            assert!(is_code_of_outage(code), "{code}");
        }
        for code in ["23505", "42P01", "40001", "1", "19", "2067", ""] {
            assert!(!is_code_of_outage(code), "{code}");
        }
    }

    #[test]
    fn a_full_disk_is_told_from_an_outage() {
        for code in ["13", "53100"] {
            assert!(is_code_of_full(code) && !is_code_of_outage(code), "{code}");
        }
        for code in ["5", "53200", "08006", "2067", "1", ""] {
            assert!(!is_code_of_full(code), "{code}");
        }
        assert!(StoreError::File(ErrorKind::StorageFull.into()).is_full());
        assert!(!StoreError::File(ErrorKind::NotFound.into()).is_full());
    }
}
