//! A PostgreSQL of the test's own, which it may stop and start again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{by_clock, free_port, run_as_root, write_clock};

/// A running server; its data go with it.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

/// A new database on a server; its URL.
pub fn new_database(server: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    let name = format!("guildhall_flow_{}", free_port());
    let made = Command::new("psql").args([server, "-qc", &format!("CREATE DATABASE {name}")]).status();
    assert!(made.expect("psql runs").success(), "a database for the flow");
    format!("{base}/{name}")
}

impl Postgres {
    /// An empty database: on the server that the tests are given, or on one of the test's own, to be held on to. `None`
    /// where no PostgreSQL is installed.
    pub fn somewhere() -> Option<(Option<Self>, String)> {
        if let Ok(server) = std::env::var("GUILDHALL_TEST_DATABASE") {
            return Some((None, new_database(&server)));
        }
        if programs().as_os_str().is_empty() {
            eprintln!("two hubs need PostgreSQL; ops/test installs it");
            return None;
        }
        let server = Self::start();
        let url = server.url();
        Some((Some(server), url))
    }

    /// Starts a server of its own with an empty database.
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary directory"))
    }

    /// The same with a clock that [`Self::set_clock`] sets.
    pub fn with_clock() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        write_clock(&folder.path().join("clock"), "+0");
        Self::start_in(folder)
    }

    /// Sets the clock that the server sees: `+5h`, `-3h`.
    pub fn set_clock(&self, to: &str) {
        write_clock(&self.folder.path().join("clock"), to);
    }

    fn start_in(folder: TempDir) -> Self {
        let server = Self { folder, programs: programs(), port: free_port() };
        if run_as_root() {
            let owned = Command::new("chown").arg("postgres").arg(server.folder.path()).status();
            assert!(owned.expect("chown runs").success());
        }
        let data = server.data();
        server.command("initdb", &["-D", &data, "-U", "guildhall", "--auth=trust", "-E", "UTF8", "--locale=C"]);
        server.again();
        server
    }

    /// Starts it again.
    pub fn again(&self) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off", self.port);
        self.command("pg_ctl", &["-D", &self.data(), "-w", "-l", &format!("{folder}/log"), "-o", &options, "start"]);
    }

    /// Stops it at once, as a crash does: every connection breaks.
    pub fn stop(&self) {
        self.command("pg_ctl", &["-D", &self.data(), "-m", "immediate", "stop"]);
    }

    /// Where a hub finds it.
    pub fn url(&self) -> String {
        format!("postgres://guildhall@127.0.0.1:{}/postgres", self.port)
    }

    /// The number that a query brings.
    pub fn number(&self, sql: &str) -> i64 {
        let text = query(&self.url(), sql);
        text.parse().unwrap_or_else(|_| panic!("{sql}: {text}"))
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Runs a program of the server; it refuses to be run by root.
    fn command(&self, program: &str, words: &[&str]) {
        let program = self.programs.join(program);
        let mut command = match run_as_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--", "env"]);
                command
            }
            false => Command::new("env"),
        };
        let clock = self.folder.path().join("clock");
        if clock.exists() {
            // Not before it is its own user: what faketime shares among processes belongs to one.
            command.args(by_clock(&clock).map(|(name, value)| format!("{name}={value}")));
        }
        command.arg(&program);
        let status = command.args(words).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).status();
        assert!(status.expect("PostgreSQL runs; ops/test installs it").success(), "{} fails", program.display());
    }
}

/// What a query brings, as `psql` prints it bare.
#[track_caller]
pub fn query(database: &str, sql: &str) -> String {
    let output = Command::new("psql").args([database, "-Atqc", sql]).output().expect("psql runs");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        let running = Path::new(&data).join("postmaster.pid").exists();
        if running && !std::thread::panicking() {
            self.stop();
        } else if running {
            let pid = std::fs::read_to_string(Path::new(&data).join("postmaster.pid")).unwrap_or_default();
            let _ = Command::new("kill").args(["-QUIT", pid.lines().next().unwrap_or_default()]).status();
        }
    }
}

/// Where the programs of the newest PostgreSQL here are.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.retain(|folder| folder.join("initdb").exists());
    found.sort();
    found.pop().unwrap_or_default()
}
