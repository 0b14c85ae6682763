//! Mercurial, asked for changesets and diffs.

use std::path::Path;

use chrono::DateTime;
use tokio::process::Command;

use super::ask::{Answer, AskError, ask, program};
use super::{Changed, MOST_COMMITS, MOST_PATHS, Revision, Status, message, name_and_address, text};

/// Everything ends with U+0000; a file's words say what was done to it. The diff comes last, for its counts.
const TEMPLATE: &str = r#"\x02commit\0{node}\0{p1node} {p2node}\0{author}\0{date|hgdate}\0{branch}\0{desc}\0{file_mods % "M{file}\0"}{file_adds % "A{file}\0"}{file_dels % "D{file}\0"}{file_copies % "C{name}\0{source}\0"}\0"#;

/// The longest log that is read, bytes. A longer one is read again without its diffs.
const LONGEST_LOG: usize = 64 << 20;

fn hg(path: &Path) -> Command {
    let mut command = program("hg", path);
    command.env("HGPLAIN", "1").env("HGRCPATH", "").env("HGENCODING", "UTF-8").env("HGMERGE", "false");
    // The repository may belong to another user: it was registered by the administrator, its own settings are not read.
    command.args(["--config", "ui.interactive=no", "--config", "diff.git=1"]);
    command
}

/// Whether a text is the id of a changeset, whole or its beginning.
pub fn is_node(text: &str) -> bool {
    super::git::is_id(text)
}

/// Every named branch with its newest changeset, as `(branch, node)`.
pub async fn branches(path: &Path) -> Result<Vec<(String, String)>, AskError> {
    let mut command = hg(path);
    command.args(["branches", "--closed", "--template", r"{branch}\0{node}\0"]);
    let answer = ask(command, None, 16 << 20).await?;
    let words: Vec<String> = answer.bytes.split(|byte| *byte == 0).map(text).collect();
    Ok(words.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
}

/// How many changesets stand between two, both included.
pub async fn count(path: &Path, first: &str, last: &str) -> Result<u64, AskError> {
    let mut command = hg(path);
    command.args(["log", "--template", "x", "--rev", &format!("{first}:{last}")]);
    Ok(ask(command, None, 16 << 20).await?.bytes.len() as u64)
}

/// The newest changesets from `first` to `last`, at most [`MOST_COMMITS`], oldest first.
pub async fn log(path: &Path, first: &str, last: &str) -> Result<Vec<Revision>, AskError> {
    let run = async |diffs: &str| {
        let mut command = hg(path);
        command.args(["log", "--template", &format!("{TEMPLATE}{diffs}\\0")]);
        command.args(["--rev", &format!("last({first}:{last}, {MOST_COMMITS})")]);
        ask(command, None, LONGEST_LOG).await
    };
    let mut answer = run("{diff()}").await?;
    if answer.cut {
        answer = run("").await?;
    }
    Ok(read(&answer.bytes))
}

/// One changeset.
pub async fn show(path: &Path, node: &str) -> Result<Option<Revision>, AskError> {
    match log(path, node, node).await {
        Ok(mut found) => Ok(found.pop()),
        Err(AskError::Said { said, .. }) if said.contains("unknown revision") || said.contains("ambiguous") => Ok(None),
        Err(error) => Err(error),
    }
}

/// The diff of a changeset against its first parent, in git's form, at most `most` bytes of it.
pub async fn diff(path: &Path, node: &str, most: usize) -> Result<Answer, AskError> {
    let mut command = hg(path);
    command.args(["diff", "--git", "--change", node]);
    ask(command, None, most).await
}

/// A changeset as `hg import` takes it.
pub async fn patch(path: &Path, node: &str, most: usize) -> Result<Answer, AskError> {
    let mut command = hg(path);
    command.args(["export", "--git", "--rev", node]);
    ask(command, None, most).await
}

/// The changesets of an answer.
pub(crate) fn read(answer: &[u8]) -> Vec<Revision> {
    let mut words = answer.split(|byte| *byte == 0);
    let mut commits = Vec::new();
    while let Some(word) = words.next() {
        if word == b"\x02commit"
            && let Some(commit) = commit(&mut words)
        {
            commits.push(commit);
        }
    }
    commits
}

fn commit<'a>(words: &mut impl Iterator<Item = &'a [u8]>) -> Option<Revision> {
    let (id, parents) = (text(words.next()?), text(words.next()?));
    let (author_name, author_email) = name_and_address(&text(words.next()?));
    let date = text(words.next()?);
    let (branch, desc) = (text(words.next()?), message(words.next()?));
    let (seconds, west) = date.split_once(' ').unwrap_or((&date, "0"));
    let at = DateTime::from_timestamp(seconds.parse().unwrap_or(0), 0).unwrap_or_default();
    let (mut changes, files) = changed(words)?;
    for file in crate::diff::parse(words.next()?) {
        if let Some(change) = changes.iter_mut().find(|change| change.path == file.path) {
            (change.added, change.removed) = (file.added, file.removed);
        }
    }
    Some(Revision {
        number: None,
        parents: parents.split_whitespace().filter(|id| !super::git::is_null(id)).map(str::to_owned).collect(),
        author_name: if author_name.is_empty() {
            author_email.clone()
        } else {
            author_name.chars().take(200).collect()
        },
        author_email,
        committer: String::new(),
        authored_at: at,
        authored_offset: -(west.parse::<i64>().unwrap_or(0) / 60),
        committed_at: at,
        message: desc,
        changes,
        files,
        branch,
        id,
    })
}

fn changed<'a>(words: &mut impl Iterator<Item = &'a [u8]>) -> Option<(Vec<Changed>, usize)> {
    let (mut changes, mut files): (Vec<Changed>, usize) = (Vec::new(), 0);
    loop {
        let word = words.next()?;
        let Some((mark, path)) = word.split_first() else { break };
        let path = text(path);
        let status = match mark {
            b'A' => Status::Added,
            b'D' => Status::Deleted,
            b'C' => {
                let from = text(words.next()?);
                if let Some(change) = changes.iter_mut().find(|change| change.path == path) {
                    (change.from, change.status) = (Some(from), Status::Copied);
                }
                continue;
            }
            _ => Status::Modified,
        };
        files += 1;
        if changes.len() < MOST_PATHS {
            changes.push(Changed { path, status, ..Changed::default() });
        }
    }
    // What was copied and deleted at once was moved: one entry, under its new name.
    let moved: Vec<String> = changes.iter().filter_map(|change| change.from.clone()).collect();
    let gone =
        |path: &String, changes: &[Changed]| changes.iter().any(|c| c.status == Status::Deleted && c.path == *path);
    let moved: Vec<String> = moved.into_iter().filter(|path| gone(path, &changes)).collect();
    for change in &mut changes {
        if change.from.as_ref().is_some_and(|from| moved.contains(from)) {
            change.status = Status::Renamed;
        }
    }
    changes.retain(|change| change.status != Status::Deleted || !moved.contains(&change.path));
    Some((changes, files.saturating_sub(moved.len())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO: &[u8] = b"\x02commit\0d743\x000000 0000\0Ann <a@x.org>\x001795255291 -7200\0default\0one \xc3\xa9\n\ncloses #1\0Aa b\0\0\0\
\x02commit\x006456\0d743 0000\0bob\x001795255292 0\0stable\0two\0Ac\0Ad\0Da b\0Cc\0a b\0\0diff --git a/d b/d\nnew file mode 100644\n\
--- /dev/null\n+++ b/d\n@@ -0,0 +1,1 @@\n+d\n\0";

    #[test]
    fn changesets_are_read() {
        let commits = read(TWO);
        assert_eq!(commits.len(), 2);
        assert_eq!((commits[0].author_email.as_str(), commits[0].authored_offset), ("a@x.org", 120));
        assert_eq!((commits[0].message.as_str(), commits[0].parents.len()), ("one é\n\ncloses #1", 0));
        let second = &commits[1];
        assert_eq!(
            (second.branch.as_str(), second.files, second.parents.as_slice()),
            ("stable", 2, &["d743".to_owned()][..])
        );
        let paths: Vec<_> = second.changes.iter().map(|c| (c.path.as_str(), c.status, c.added)).collect();
        assert_eq!(paths, [("c", Status::Renamed, 0), ("d", Status::Added, 1)]);
    }

    proptest! {
        #[test]
        fn a_log_cut_anywhere_or_broken_upsets_nobody(at in 0..TWO.len(), byte in any::<u8>()) {
            prop_assert!(read(&TWO[..at]).len() <= 2);
            let mut broken = TWO.to_vec();
            broken[at] = byte;
            read(&broken);
        }
    }
}
