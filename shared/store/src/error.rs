//! What can go wrong with the database, as sentences.

use sea_orm::{DbErr, SqlErr};

/// A failure of the database or of the files beside it; trying again may help.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "The database at {place} cannot be opened: {source}. Check that it runs and that this user may read and write it."
    )]
    Open { place: String, source: DbErr },
    #[error("The data directory {place} cannot be used: {source}.")]
    Directory { place: String, source: std::io::Error },
    #[error("The database refused an operation: {0}")]
    Database(#[from] DbErr),
    #[error("A stored file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    #[error("The stored bytes {0} are missing or damaged.")]
    Damaged(String),
}

/// Whether a failure is a unique constraint: at a door it becomes a refusal, since trying again does not help.
pub fn unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
