//! git, asked for refs, commits and diffs.

use std::collections::BTreeMap;
use std::path::Path;

use tokio::process::Command;

use super::ask::{Answer, AskError, ask, program};
use super::git_log;
use super::{MOST_COMMITS, Revision};

/// The longest log that is read, bytes.
const LONGEST_LOG: usize = 256 << 20;

/// An id of a commit, whole or its beginning: what may be handed to git as a word.
pub fn is_id(text: &str) -> bool {
    (4..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether an id stands for "nothing" in a hook's line.
pub fn is_null(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

fn git(path: &Path) -> Command {
    let mut command = program("git", path);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        // The repository may belong to another user: it was registered by the administrator.
        .args(["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.quotePath=true"])
        .args(["-c", "core.attributesFile=/dev/null", "-c", "log.showSignature=false", "--no-pager"]);
    command
}

/// Every branch, tag and note with the id it points at.
pub async fn refs(path: &Path) -> Result<BTreeMap<String, String>, AskError> {
    let mut command = git(path);
    command.args(["for-each-ref", "--format=%(objectname) %(refname)"]);
    let answer = ask(command, None, 64 << 20).await?;
    let lines = answer.bytes.split(|byte| *byte == b'\n').map(super::text);
    Ok(lines.filter_map(|line| line.split_once(' ').map(|(id, name)| (name.to_owned(), id.to_owned()))).collect())
}

/// Where its hooks lie.
pub async fn hooks_folder(path: &Path) -> Result<std::path::PathBuf, AskError> {
    let mut command = git(path);
    command.args(["rev-parse", "--git-path", "hooks"]);
    Ok(path.join(super::text(&ask(command, None, 4_096).await?.bytes).trim()))
}

/// The types of objects (`commit`, `tag`, `tree`, `blob`) and, for a tag, what it points at; what is not there is left out.
pub async fn kinds(path: &Path, ids: &[String]) -> Result<BTreeMap<String, String>, AskError> {
    let ids: Vec<&String> = ids.iter().filter(|id| is_id(id) && !is_null(id)).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut command = git(path);
    command.args(["cat-file", "--batch-check=%(objectname) %(objecttype)"]);
    let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let answer = ask(command, Some(input.into_bytes()), 64 << 20).await?;
    let lines = super::text(&answer.bytes);
    let words = lines.lines().filter_map(|line| line.split_once(' '));
    Ok(words.filter(|(_, kind)| *kind != "missing").map(|(id, kind)| (id.to_owned(), kind.to_owned())).collect())
}

/// The commit behind an id (through a tag), when there is one.
pub async fn commit_of(path: &Path, id: &str) -> Result<Option<String>, AskError> {
    if !is_id(id) || is_null(id) {
        return Ok(None);
    }
    let mut command = git(path);
    command.args(["rev-parse", "--verify", "-q", "--end-of-options", &format!("{id}^{{commit}}")]);
    match ask(command, None, 4_096).await {
        Ok(answer) => Ok(Some(super::text(&answer.bytes).trim().to_owned()).filter(|id| is_id(id))),
        Err(AskError::Said { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Commits in `with` and not in `without`.
#[derive(Clone, Debug, Default)]
pub struct Range {
    pub with: Vec<String>,
    pub without: Vec<String>,
}

impl Range {
    fn input(&self) -> Vec<u8> {
        let with = self.with.iter().map(|id| format!("{id}\n"));
        let without = self.without.iter().map(|id| format!("^{id}\n"));
        with.chain(without).collect::<String>().into_bytes()
    }
}

/// How many commits a range has.
pub async fn count(path: &Path, range: &Range) -> Result<u64, AskError> {
    if range.with.is_empty() {
        return Ok(0);
    }
    let mut command = git(path);
    command.args(["rev-list", "--count", "--stdin"]);
    let said = super::text(&ask(command, Some(range.input()), 100).await?.bytes);
    said.trim().parse().map_err(|_| AskError::Odd { program: "git".into(), what: "a count was expected".into() })
}

/// How many commits the first has and the second has not, and the other way round.
pub async fn apart(path: &Path, first: &str, second: &str) -> Result<(u64, u64), AskError> {
    let mut command = git(path);
    command.args(["rev-list", "--count", "--left-right", "--end-of-options", &format!("{first}...{second}")]);
    let said = super::text(&ask(command, None, 100).await?.bytes);
    let counts = said.trim().split_once('\t').and_then(|(left, right)| Some((left.parse().ok()?, right.parse().ok()?)));
    counts.ok_or_else(|| AskError::Odd { program: "git".into(), what: "two counts were expected".into() })
}

/// The ids of the newest commits of a range, at most `most`, oldest first.
pub async fn ids(path: &Path, range: &Range, most: usize) -> Result<Vec<String>, AskError> {
    if range.with.is_empty() {
        return Ok(vec![]);
    }
    let mut command = git(path);
    command.args(["rev-list", "--date-order", "--reverse", &format!("--max-count={most}"), "--stdin"]);
    let said = super::text(&ask(command, Some(range.input()), 64 << 20).await?.bytes);
    Ok(said.lines().map(str::to_owned).collect())
}

/// The newest commits of a range with their files, at most [`MOST_COMMITS`], oldest first.
pub async fn log(path: &Path, range: &Range) -> Result<Vec<Revision>, AskError> {
    if range.with.is_empty() {
        return Ok(vec![]);
    }
    let mut command = git(path);
    command
        .args(["log", "-z", "--date-order", "--reverse", "--raw", "--numstat", "-M", "-l200", "--no-color"])
        .args(["--no-ext-diff", "--no-textconv", "--no-mailmap", "--root", "--abbrev=40"])
        .args(["--diff-merges=first-parent", "--encoding=UTF-8", &format!("--format={}", git_log::FORMAT)])
        .args([&format!("--max-count={MOST_COMMITS}"), "--stdin"]);
    let answer = ask(command, Some(range.input()), LONGEST_LOG).await?;
    Ok(git_log::read(&answer.bytes))
}

/// These commits without their files, in this order.
pub async fn subjects(path: &Path, ids: &[String]) -> Result<Vec<Revision>, AskError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut command = git(path);
    command.args(["log", "-z", "--no-walk=unsorted", "--no-mailmap", "--encoding=UTF-8"]);
    command.args([&format!("--format={}", git_log::FORMAT), "--stdin"]);
    let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
    Ok(git_log::read(&ask(command, Some(input.into_bytes()), LONGEST_LOG).await?.bytes))
}

/// One commit with its files.
pub async fn show(path: &Path, id: &str) -> Result<Option<Revision>, AskError> {
    let Some(id) = commit_of(path, id).await? else { return Ok(None) };
    let mut command = git(path);
    command
        .args(["log", "-1", "-z", "--raw", "--numstat", "-M", "-l200", "--no-color", "--no-ext-diff", "--no-textconv"])
        .args(["--no-mailmap", "--root", "--abbrev=40", "--diff-merges=first-parent", "--encoding=UTF-8"])
        .args([&format!("--format={}", git_log::FORMAT), "--end-of-options", &id]);
    let answer = ask(command, None, LONGEST_LOG).await?;
    Ok(git_log::read(&answer.bytes).pop())
}

/// The diff of a commit against its first parent, byte for byte, at most `most` bytes of it.
pub async fn diff(path: &Path, id: &str, most: usize) -> Result<Answer, AskError> {
    let mut command = git(path);
    command
        .args(["show", "--format=", "--patch", "-M", "-l200", "--no-color", "--no-ext-diff", "--no-textconv", "--root"])
        .args(["--diff-merges=first-parent", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", id]);
    ask(command, None, most).await
}

/// The diff of a commit as its mail shows it: a table of the files, and of a merge only what neither parent had.
pub async fn mailed_diff(path: &Path, id: &str, most: usize) -> Result<Answer, AskError> {
    let mut command = git(path);
    command.args(["show", "--format=", "--stat=72", "--patch", "-M", "-l200", "--no-color", "--no-ext-diff"]).args([
        "--no-textconv",
        "--root",
        "--cc",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--end-of-options",
        id,
    ]);
    ask(command, None, most).await
}

/// A commit as a mail that `git am` takes.
pub async fn patch(path: &Path, id: &str, most: usize) -> Result<Answer, AskError> {
    let mut command = git(path);
    command
        .args(["log", "-1", "--format=email", "--patch", "--stat", "--binary", "-M", "--no-color", "--no-ext-diff"])
        .args(["--no-textconv", "--root", "--diff-merges=first-parent", "--src-prefix=a/", "--dst-prefix=b/"])
        .args(["--end-of-options", id]);
    ask(command, None, most).await
}
