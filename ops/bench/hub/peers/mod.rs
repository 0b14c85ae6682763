//! The tools that the hub replaces, on the same work in the same run.
//!
//! Each is installed by `ops/bench/peers/install` (Debian, PyPI), filled with data of the same shape and measured right
//! after the hub. Their CPU time is that of all their processes. What cannot be installed or run is said in the table.

mod docutils;
mod fossil;
mod mailman;
mod mlmmj;
mod multimail;
mod roundup;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::clients::{Http, cpu_of_tree, load, tree};
use crate::data;
use crate::harness::workspace;
use crate::report::{Beside, Figure, Report, Scale};

/// How long a tool may take to start: Mailman takes half a minute on an idle machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A tool that the hub replaces.
pub struct Tool {
    pub name: &'static str,
    /// Its name and version, as the table says them.
    title: &'static str,
    measure: fn(&Scale, &mut Report),
}

pub const TOOLS: &[Tool] = &[
    Tool { name: "roundup", title: roundup::TITLE, measure: roundup::measure },
    Tool { name: "mailman", title: mailman::TITLE, measure: mailman::measure },
    Tool { name: "mlmmj", title: mlmmj::TITLE, measure: mlmmj::measure },
    Tool { name: "multimail", title: multimail::TITLE, measure: multimail::measure },
    Tool { name: "fossil", title: fossil::TITLE, measure: fossil::measure },
    Tool { name: "docutils", title: docutils::TITLE, measure: docutils::measure },
];

/// Measures the hub beside one tool; a tool that fails leaves a sentence.
pub fn measure(tool: &Tool, scale: &Scale, report: &mut Report) {
    let tried = catch_unwind(AssertUnwindSafe(|| (tool.measure)(scale, report)));
    let Err(panic) = tried else { return };
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let line = text.unwrap_or("it stopped without a word").lines().next().unwrap_or_default();
    report.set_beside(Beside {
        what: "what is not above".into(),
        tool: tool.title.into(),
        said: format!("It could not be measured: {}.", line.replace('|', "/").trim_end_matches('.')),
        ..Beside::default()
    });
}

/// Where tools are kept between runs, under the folder of the build.
fn shelf() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_guildhall")).ancestors().nth(2).expect("the folder of the build");
    target.join("peers")
}

/// Installs a tool unless it is there; where the programs of its Python environment are, if it has one.
fn install(name: &str) -> PathBuf {
    let output = Command::new(workspace().join("ops/bench/peers/install"))
        .arg(name)
        .arg(shelf())
        .stdout(Stdio::inherit())
        .output()
        .expect("ops/bench/peers/install runs");
    let said = String::from_utf8_lossy(&output.stderr);
    eprint!("{said}");
    assert!(output.status.success(), "its installation failed: {}", said.lines().last().unwrap_or_default());
    shelf().join(name).join("bin")
}

/// A script of `ops/bench/peers`.
fn script(name: &str) -> PathBuf {
    workspace().join("ops/bench/peers").join(name)
}

/// How fast pages come; the largest of them is noted.
fn pages(count: u64, paths: &[String], server: u32, client: impl Fn() -> Http) -> Figure {
    let mut once = client();
    let size = paths.iter().take(20).map(|path| once.get(path).len()).max().unwrap_or(0);
    let figure = load("", (8, count), server, client, |http, n| drop(http.get(&paths[n as usize % paths.len()])));
    Figure { unit: "pages", note: format!("{} kB", size / 1024), ..figure }
}

/// The issues of the bench, one a line: number, title, texts of its messages.
fn issues(file: &Path, count: u64) {
    let mut bodies = data::drawn().map(|(_, body)| body);
    let lines = (1..=count).zip(data::drawn()).map(|(n, (title, _))| {
        let messages = match n {
            5 => 5,
            100 => 100,
            _ => data::MESSAGES as usize,
        };
        let messages: Vec<String> = bodies.by_ref().take(messages).collect();
        format!("{}\n", serde_json::json!({ "n": n, "title": title, "messages": messages }))
    });
    std::fs::write(file, lines.collect::<String>()).expect("the issues");
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A command that runs as `nobody` where the bench runs as root, which many tools refuse.
fn plain(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    if is_root() {
        // The numbers of nobody and nogroup on Debian.
        command.uid(65534).gid(65534);
    }
    command.current_dir("/").env("HOME", "/nonexistent");
    command
}

/// A temporary folder that [`plain`] commands may write to; what is copied there becomes theirs.
fn place() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("its mode");
    give(folder.path());
    folder
}

/// Gives a folder and all in it to the user of [`plain`] commands.
fn give(folder: &Path) {
    if is_root() {
        done(Command::new("chown").args(["-R", "65534:65534"]).arg(folder));
    }
}

/// Runs a command to its end; it must succeed.
fn done(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?} says: {}", command.get_program(), said.lines().last().unwrap_or_default());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A server of a tool, with all its processes; they end with it.
struct Server {
    child: Child,
}

impl Server {
    /// Starts it, and waits until it listens.
    fn start(command: &mut Command, port: u16) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Self { child: child.unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program())) };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().expect("a child");
            assert!(ended.is_none(), "{:?} ended at once", command.get_program());
            assert!(start.elapsed() < PATIENCE, "{:?} does not listen", command.get_program());
            std::thread::park_timeout(Duration::from_millis(50));
        }
        server
    }

    /// Waits until it has hardly anything to do for two seconds.
    fn settle(&self) {
        let start = Instant::now();
        loop {
            let before = cpu_of_tree(self.pid());
            std::thread::park_timeout(Duration::from_secs(2));
            if cpu_of_tree(self.pid()).saturating_sub(before) < Duration::from_millis(100) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "it is never idle");
        }
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    /// SIGTERM to all of its processes, and SIGKILL to those that do not heed it.
    fn drop(&mut self) {
        let all = tree(self.pid());
        for signal in ["-TERM", "-KILL"] {
            let left = all.iter().filter(|pid| Path::new(&format!("/proc/{pid}/stat")).exists()).map(u32::to_string);
            let _ = Command::new("kill").arg(signal).args(left).stderr(Stdio::null()).status();
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(3) && !matches!(self.child.try_wait(), Ok(Some(_))) {
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
    }
}
