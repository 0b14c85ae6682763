//! The repositories on the disk: git by fast-import, Subversion by `svnadmin load`, and the records of their hooks.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use chrono::{DateTime, Utc};
use commits::record::{Bytes, Hooked, Origin, Record};

use super::history::{Commit, History, Place, Push};
use super::plan::Person;

/// The branch that is worked on.
const MAIN: &str = "refs/heads/main";

/// A repository as the hub knows it.
pub struct Repository {
    pub place: Place,
    pub name: &'static str,
    pub description: &'static str,
    pub path: PathBuf,
    /// The commits of git in their order.
    ids: Vec<String>,
}

/// Makes both repositories below `folder`. One whose program is not installed is left out.
pub fn make(folder: &Path, history: &History, people: &[Person]) -> anyhow::Result<Vec<Repository>> {
    std::fs::create_dir_all(folder)?;
    let mut made = vec![];
    let path = folder.join("papermoth.git");
    if ran(Command::new("git").args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(&path))? {
        let ids = import(&path, &history.library, people)?;
        let description = "The library and the command.";
        made.push(Repository { place: Place::Library, name: "papermoth", description, path, ids });
    }
    let path = folder.join("corpus");
    if ran(Command::new("svnadmin").arg("create").arg(&path))? {
        let description = "Mails as they are, each with what we expect of it.";
        made.push(Repository { place: Place::Corpus, name: "corpus", description, path, ids: vec![] });
    }
    Ok(made)
}

/// Runs a program; false when it is not installed.
fn ran(command: &mut Command) -> anyhow::Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Ok(output) if output.status.success() => Ok(true),
        Ok(output) => anyhow::bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{name} is not installed: the demo goes without the repository that needs it.");
            Ok(false)
        }
        Err(error) => Err(error).with_context(|| format!("{name} cannot be run")),
    }
}

fn fed(command: &mut Command, input: &[u8]) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input)?;
    }
    let output = child.wait_with_output()?;
    anyhow::ensure!(output.status.success(), "{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// Brings all commits in at once, on no branch yet; their ids.
fn import(path: &Path, commits: &[Commit], people: &[Person]) -> anyhow::Result<Vec<String>> {
    const ALL: &str = "refs/guildhall/demo";
    let mut stream: Vec<u8> = vec![];
    for (number, commit) in commits.iter().enumerate() {
        let person = &people[commit.who];
        let who = format!("{} <{}> {} +0000", person.1, person.2, commit.at.timestamp());
        let mark = number + 1;
        write!(stream, "commit {ALL}\nmark :{mark}\nauthor {who}\ncommitter {who}\n")?;
        write!(stream, "data {}\n{}", commit.message.len(), commit.message)?;
        for (path, text) in &commit.changes {
            write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?;
        }
    }
    stream.extend_from_slice(b"done\n");
    let marks = path.join("demo-marks");
    let export = format!("--export-marks={}", marks.display());
    let mut git = Command::new("git");
    git.arg("--git-dir").arg(path).args(["fast-import", "--quiet", "--done", &export]);
    fed(&mut git, &stream)?;
    ran(Command::new("git").arg("--git-dir").arg(path).args(["update-ref", "-d", ALL]))?;
    let mut ids = vec![String::new(); commits.len()];
    for line in std::fs::read_to_string(&marks)?.lines() {
        let (mark, id) = line.split_once(' ').unwrap_or_default();
        if let Some(place) = mark.trim_start_matches(':').parse::<usize>().ok().and_then(|mark| ids.get_mut(mark - 1)) {
            id.clone_into(place);
        }
    }
    std::fs::remove_file(marks)?;
    Ok(ids)
}

/// Moves the branch as the push does; the records of the hooks that would be called.
pub fn push(
    repository: &Repository,
    history: &History,
    push: &Push,
    people: &[Person],
    at: DateTime<Utc>,
) -> anyhow::Result<Vec<Record>> {
    let hooked = |vcs: &str, arguments: Vec<String>, input: String| Hooked {
        vcs: vcs.into(),
        directory: repository.path.to_string_lossy().into_owned(),
        arguments: arguments.into_iter().map(|word| Bytes(word.into_bytes())).collect(),
        input: Bytes(input.into_bytes()),
        environment: [("GUILDHALL_PUSHER".to_owned(), people[push.who].0.clone())].into(),
    };
    let record = |number: usize, hooked: Hooked| Record {
        key: format!("{:020}-{number}", at.timestamp_micros()),
        repository: repository.name.into(),
        at: at.timestamp_millis(),
        origin: Origin::Hook(hooked),
    };
    if repository.place == Place::Library {
        return Ok(vec![record(0, hooked("git", vec![], moved(repository, push)?))]);
    }
    let mut records = vec![];
    for number in push.commits.clone() {
        let revision = load(repository, &history.corpus[number], number + 1, people)?;
        let arguments = vec![repository.path.to_string_lossy().into_owned(), revision.to_string()];
        records.push(record(number, hooked("svn", arguments, String::new())));
    }
    Ok(records)
}

/// What git says to its hook.
fn moved(repository: &Repository, push: &Push) -> anyhow::Result<String> {
    let zero = "0".repeat(40);
    let id = |number: usize| repository.ids.get(number).map_or(zero.as_str(), String::as_str);
    let old = push.commits.start.checked_sub(1).map_or(zero.as_str(), id);
    let new = id(push.commits.end - 1);
    let put = |refname: &str| {
        let path = repository.path.join(refname);
        std::fs::create_dir_all(path.parent().unwrap_or(&repository.path))?;
        std::fs::write(path, format!("{new}\n"))
    };
    put(MAIN)?;
    let mut input = format!("{old} {new} {MAIN}\n");
    if let Some(version) = &push.tag {
        let refname = format!("refs/tags/v{version}");
        put(&refname)?;
        input.push_str(&format!("{zero} {new} {refname}\n"));
    }
    Ok(input)
}

/// Loads one revision of Subversion; its number.
fn load(repository: &Repository, commit: &Commit, number: usize, people: &[Person]) -> anyhow::Result<usize> {
    let mut dump: Vec<u8> = vec![];
    write!(dump, "SVN-fs-dump-format-version: 2\n\nRevision-number: {number}\n")?;
    let date = commit.at.format("%Y-%m-%dT%H:%M:%S.000000Z").to_string();
    let author = people[commit.who].0.as_str();
    let mut properties = String::new();
    for (name, value) in [("svn:log", commit.message.trim_end()), ("svn:author", author), ("svn:date", &date)] {
        properties.push_str(&format!("K {}\n{name}\nV {}\n{value}\n", name.len(), value.len()));
    }
    properties.push_str("PROPS-END\n");
    let length = properties.len();
    write!(dump, "Prop-content-length: {length}\nContent-length: {length}\n\n{properties}\n")?;
    let folders = ["trunk", "branches", "tags", "trunk/samples", "trunk/expected"];
    for folder in folders.iter().filter(|_| number == 1) {
        write!(dump, "Node-path: {folder}\nNode-kind: dir\nNode-action: add\n")?;
        write!(dump, "Prop-content-length: 10\nContent-length: 10\n\nPROPS-END\n\n\n")?;
    }
    for (path, text) in &commit.changes {
        let length = text.len();
        write!(dump, "Node-path: {path}\nNode-kind: file\nNode-action: add\nProp-content-length: 10\n")?;
        write!(dump, "Text-content-length: {length}\nContent-length: {}\n\nPROPS-END\n{text}\n\n", length + 10)?;
    }
    let mut svnadmin = Command::new("svnadmin");
    fed(svnadmin.args(["load", "--quiet"]).arg(&repository.path), &dump)?;
    Ok(number)
}
