//! A full disk, told from other failures.

use std::io::ErrorKind;

use sea_orm::{DbErr, RuntimeErr};

use crate::StoreError;

impl StoreError {
    /// Whether there is no room on the disk: trying again helps when there is.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Open { source, .. } | Self::Database(source) => is_full(source),
            Self::Directory { source, .. } | Self::File(source) => {
                matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            }
            Self::Damaged(_) => false,
        }
    }
}

/// Whether the database has no room: code 13 of SQLite, 53100 of PostgreSQL (appendix A of its manual).
fn is_full(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "53100" || code == "13")
}
