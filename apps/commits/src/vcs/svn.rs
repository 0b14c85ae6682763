//! Subversion, asked by `svnlook` on the repository's own files.

use std::path::Path;

use tokio::process::Command;

use super::Revision;
use super::ask::{Answer, AskError, ask, program};
use super::svn_look;

/// How much of a diff is read for its counts, bytes.
const COUNTED: usize = 4 << 20;

fn look(path: &Path, word: &str, revision: u64) -> Command {
    let mut command = program("svnlook", Path::new("/"));
    command.arg(word).arg("-r").arg(revision.to_string()).arg(path);
    command
}

/// The newest revision.
pub async fn youngest(path: &Path) -> Result<u64, AskError> {
    let mut command = program("svnlook", Path::new("/"));
    command.arg("youngest").arg(path);
    let said = super::text(&ask(command, None, 100).await?.bytes);
    said.trim().parse().map_err(|_| AskError::Odd { program: "svnlook".into(), what: "a number was expected".into() })
}

/// One revision with its paths.
pub async fn revision(path: &Path, number: u64) -> Result<Revision, AskError> {
    let info = ask(look(path, "info", number), None, 16 << 20).await?;
    let mut changed = look(path, "changed", number);
    changed.arg("--copy-info");
    let changed = ask(changed, None, 64 << 20).await?;
    let mut revision = svn_look::read(number, &info.bytes, &changed.bytes)
        .ok_or_else(|| AskError::Odd { program: "svnlook".into(), what: format!("r{number} has no date") })?;
    let diff = diff(path, number, COUNTED).await?;
    for file in crate::diff::parse(&diff.bytes) {
        if let Some(change) = revision.changes.iter_mut().find(|change| change.path == file.path) {
            (change.added, change.removed) = (file.added, file.removed);
        }
    }
    Ok(revision)
}

/// The diff of a revision, byte for byte, at most `most` bytes of it. What was copied is shown against its source.
pub async fn diff(path: &Path, number: u64, most: usize) -> Result<Answer, AskError> {
    let mut command = look(path, "diff", number);
    command.arg("--diff-copy-from");
    ask(command, None, most).await
}
