//! A repository whose commits are there already, to be pushed one after another.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::harness::run;

/// The list that hears of its commits.
pub const TEAM: &str = "team@example.net";

/// A bare repository. `main` is the first of its commits.
pub struct Repository {
    pub path: PathBuf,
    /// The names of its commits, oldest first.
    pub commits: Vec<String>,
}

/// The word that the commit of this number says.
pub fn word(number: usize) -> String {
    format!("zqg{number}qz")
}

impl Repository {
    /// One of so many commits, each saying its word, with so many pages of Markdown from the first on. Its front page
    /// tells the number of the commit.
    pub fn make(folder: &Path, commits: u64, pages: u64) -> Self {
        run(folder, "git", &["init", "-q", "--bare", "-b", "main", "repo"]);
        let mut stream = String::new();
        for n in 0..commits {
            let message = format!("Commit {}", word(n as usize));
            stream.push_str(&format!(
                "commit refs/heads/all\ncommitter Ann <ann@example.org> {} +0000\ndata {}\n{message}\n",
                1_700_000_000 + n,
                message.len()
            ));
            stream.push_str(&file("index.md", &format!("# State {n:06}\n")));
            for page in 0..if n == 0 { pages } else { 0 } {
                let text =
                    format!("# Page {page}\n\n{}", "Some *words* of a `page`, and [more](index.md).\n\n".repeat(60));
                stream.push_str(&file(&format!("page{page}.md"), &text));
            }
            stream.push('\n');
        }
        let path = folder.join("repo");
        let mut import = Command::new("git")
            .args(["fast-import", "--quiet"])
            .current_dir(&path)
            .stdin(Stdio::piped())
            .spawn()
            .expect("git runs");
        import.stdin.take().expect("an input").write_all(stream.as_bytes()).expect("a stream");
        assert!(import.wait().expect("git ends").success());
        let names = run(&path, "git", &["log", "--reverse", "--format=%H", "all"]);
        let commits: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
        run(&path, "git", &["update-ref", "refs/heads/main", &commits[0]]);
        run(&path, "git", &["update-ref", "-d", "refs/heads/all"]);
        Self { path, commits }
    }

    /// Pushes the commit of this number, whose parent was pushed last; what the hook said to the pusher.
    pub fn push(&self, number: usize, data: &Path) -> String {
        let (old, new) = (&self.commits[number - 1], &self.commits[number]);
        run(&self.path, "git", &["update-ref", "refs/heads/main", new]);
        let mut hook = Command::new(env!("CARGO_BIN_EXE_guildhall"))
            .args(["hook", "git", "--repository", "hall", "--data"])
            .arg(data)
            .current_dir(&self.path)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the hook runs");
        let line = format!("{old} {new} refs/heads/main\n");
        hook.stdin.take().expect("an input").write_all(line.as_bytes()).expect("a written line");
        let output = hook.wait_with_output().expect("the hook ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "a push is never refused: {said}");
        said
    }
}

fn file(name: &str, text: &str) -> String {
    format!("M 100644 inline {name}\ndata {}\n{text}\n", text.len())
}

/// Whether the hook said that the hub will not hear of the push.
pub fn is_lost(said: &str) -> bool {
    said.contains("cannot be kept")
}
