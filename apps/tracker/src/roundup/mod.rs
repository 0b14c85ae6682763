//! Trackers of Roundup: its `roundup-admin export` comes in with every id, file and journal, and goes out the same.
//!
//! What came in and was not changed since goes out byte for byte: each row keeps its line beside what was read from it.

mod bulk;
pub(crate) mod csv;
mod export;
mod import;
mod infer;
mod journal;
pub(crate) mod literal;
mod table;

pub use export::export;
pub use import::import;

use std::path::{Path, PathBuf};

/// Why an export of Roundup cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{place} cannot be read or written: {source}.")]
    File { place: PathBuf, source: std::io::Error },
    #[error("{file}, row {row}: {why}.")]
    Row { file: String, row: usize, why: String },
    #[error("{0} has no issue.csv: give the directory that `roundup-admin export` wrote.")]
    NoExport(PathBuf),
    #[error("The tracker {0} has issues already. Import into a new one: --tracker NAME.")]
    NotEmpty(String),
    #[error(transparent)]
    Refusal(#[from] crate::Refusal),
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Refusal(error.into())
    }
}

impl From<store::StoreError> for Fault {
    fn from(error: store::StoreError) -> Self {
        Self::Refusal(error.into())
    }
}

impl From<people::Refusal> for Fault {
    fn from(error: people::Refusal) -> Self {
        Self::Refusal(error.into())
    }
}

fn io(place: &Path) -> impl FnOnce(std::io::Error) -> Fault + '_ {
    move |source| Fault::File { place: place.to_owned(), source }
}

/// Where the bytes of a message or file lie: `msg-files/0/msg12`.
fn content_path(root: &Path, class: &str, number: i64) -> PathBuf {
    root.join(format!("{class}-files")).join((number / 1000).to_string()).join(format!("{class}{number}"))
}
