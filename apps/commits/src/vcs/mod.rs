//! The version control systems, asked by their own programs.
//!
//! Everything here runs a subprocess, so nothing here is called while a transaction is open. What a program answers is
//! bytes: it is read by the pure parsers beside each module, bounded in size and time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod ask;
pub mod git;
pub(crate) mod git_log;
pub mod hg;
pub mod svn;
pub(crate) mod svn_look;

/// Commits of one push that are described one by one; of a larger push, the newest.
pub const MOST_COMMITS: usize = 5_000;
/// Changed paths of one commit that are kept.
pub const MOST_PATHS: usize = 1_000;
/// The longest message that is kept, bytes.
pub const LONGEST_MESSAGE: usize = 100_000;

/// Which program a repository belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vcs {
    Git,
    Svn,
    Hg,
}

impl Vcs {
    /// The word in the database, on the command line and in hooks.
    pub fn word(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Svn => "svn",
            Self::Hg => "hg",
        }
    }

    /// The system of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Git, Self::Svn, Self::Hg].into_iter().find(|vcs| vcs.word() == word)
    }

    /// What lies in a directory, as its files tell.
    pub fn of_directory(path: &std::path::Path) -> Option<Self> {
        if path.join("format").is_file() && path.join("db").is_dir() {
            Some(Self::Svn)
        } else if path.join(".hg").is_dir() {
            Some(Self::Hg)
        } else if path.join(".git").exists() || (path.join("objects").is_dir() && path.join("HEAD").is_file()) {
            Some(Self::Git)
        } else {
            None
        }
    }
}

/// One commit, as its system tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    pub id: String,
    /// Of Subversion only.
    pub number: Option<i64>,
    pub parents: Vec<String>,
    pub author_name: String,
    /// Empty where the system knows none.
    pub author_email: String,
    /// `Name <address>` when it is not the author; else empty.
    pub committer: String,
    pub authored_at: DateTime<Utc>,
    /// Minutes east of UTC.
    pub authored_offset: i64,
    pub committed_at: DateTime<Utc>,
    pub message: String,
    /// At most [`MOST_PATHS`].
    pub changes: Vec<Changed>,
    /// All changed paths, also those that are not kept.
    pub files: usize,
    /// `trunk`, `branches/2.7`, `default`; git has none.
    pub branch: String,
}

/// One path that a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub path: String,
    /// Where it was copied or moved from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub status: Status,
    pub added: u64,
    pub removed: u64,
}

/// What a commit did to a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Added,
    #[default]
    Modified,
    Deleted,
    Renamed,
    Copied,
}

impl Status {
    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Renamed => "renamed",
            Self::Copied => "copied",
        }
    }
}

/// The first line of a message that says something, without control characters, at most 500 characters.
pub fn subject(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no message)");
    line.chars().filter(|c| !c.is_control()).take(500).collect()
}

/// Foreign bytes as text: what is not UTF-8 is replaced, U+0000 becomes a space (PostgreSQL keeps none).
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', " ")
}

/// A message within its limit.
pub(crate) fn message(bytes: &[u8]) -> String {
    let mut text = text(bytes).replace("\r\n", "\n");
    text.truncate(text.floor_char_boundary(LONGEST_MESSAGE));
    text.trim_end().to_owned()
}

/// `Ann Example <ann@example.org>` as name and address; a bare name has no address.
pub fn name_and_address(author: &str) -> (String, String) {
    let clean =
        |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>().trim().trim_matches('"').to_owned();
    match author.split_once('<') {
        Some((name, rest)) => (clean(name), clean(rest.split('>').next().unwrap_or_default())),
        None if people::participant::is_address(author.trim()) => {
            (clean(author.split('@').next().unwrap_or_default()), clean(author))
        }
        None => (clean(author), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_have_names_and_addresses() {
        for (author, name, address) in [
            ("Ann Éx <ann@x.org>", "Ann Éx", "ann@x.org"),
            ("\"Doe, J\" <j@x.org>", "Doe, J", "j@x.org"),
            ("ann@x.org", "ann", "ann@x.org"),
            ("ann", "ann", ""),
            ("Ann\r\nBcc: x <a@b", "AnnBcc: x", "a@b"),
            ("", "", ""),
        ] {
            assert_eq!(name_and_address(author), (name.to_owned(), address.to_owned()));
        }
    }

    #[test]
    fn the_subject_is_the_first_line_that_says_something() {
        assert_eq!(subject("\n\n  Fix it\t\nmore"), "Fix it");
        assert_eq!(subject(""), "(no message)");
    }
}
