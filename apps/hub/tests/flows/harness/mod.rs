//! A running hub and its peers.

mod browser;
mod irc;
mod postgres;
mod sink;
mod village;
mod visitor;

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use browser::{Browser, ENTER, ESCAPE, SPACE, TAB};
pub use irc::{IrcServer, Talker};
pub use postgres::{Postgres, query};
use sink::run_as_root;
pub use sink::{Sink, Taken};
pub use village::Village;
pub use visitor::{Answer, PASSWORD, Visitor};

/// How long anything may take that the hub does by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running binary on a data directory of its own.
pub struct Hub {
    child: Option<Child>,
    folder: TempDir,
    /// Where its data are, when not there.
    place: Option<PathBuf>,
    program: PathBuf,
    is_later: bool,
    pub http: u16,
    pub smtp: u16,
    pub lmtp: u16,
}

/// A port that nobody listens on and that the system gives to nobody: one below those of outgoing connections, which
/// could take it while its server is down. It is asked for, not bound: a program that another test starts at this moment
/// would hold what is bound here for as long as its start takes.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    loop {
        let next = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = 11_000 + (next % 20_000) as u16;
        if TcpStream::connect(("127.0.0.1", port)).is_err() {
            return port;
        }
    }
}

/// Waits until `look` finds something.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

impl Hub {
    fn empty() -> Self {
        Self {
            child: None,
            folder: tempfile::tempdir().expect("a temporary directory"),
            place: None,
            program: env!("CARGO_BIN_EXE_guildhall").into(),
            is_later: false,
            http: free_port(),
            smtp: free_port(),
            lmtp: free_port(),
        }
    }

    /// A configured hub that does not run yet; `more` is added to its `guildhall.toml`.
    pub fn configured(sink: Option<&Sink>, more: &str) -> Self {
        let hub = Self::empty();
        hub.configure(&hub.database(), sink, more);
        hub
    }

    /// A configured hub on SQLite, whatever the tests run on.
    pub fn on_sqlite(more: &str) -> Self {
        let hub = Self::empty();
        hub.configure("", None, more);
        hub
    }

    /// A configured hub with a data directory of its own on the database of another.
    pub fn beside(other: &Self, sink: &Sink, more: &str) -> Self {
        Self::configured_on(&other.database_url(), Some(sink), more)
    }

    /// A configured hub on this database that does not run yet.
    pub fn configured_on(database: &str, sink: Option<&Sink>, more: &str) -> Self {
        let hub = Self::empty();
        hub.configure(&format!("database = \"{database}\""), sink, more);
        hub
    }

    /// A running hub on this database.
    pub fn on(database: &str, sink: Option<&Sink>, more: &str) -> Self {
        let mut hub = Self::configured_on(database, sink, more);
        hub.run();
        hub
    }

    /// Lets it be another program from the next start on: an older one.
    pub fn become_program(&mut self, program: PathBuf) {
        self.program = program;
    }

    /// Lets it be a later version from the next start on: one whose database has a step more.
    pub fn become_later(&mut self) {
        self.is_later = true;
    }

    /// Changes the configuration, for the next start.
    pub fn reconfigure(&self, change: impl FnOnce(String) -> String) {
        let path = self.data().join("guildhall.toml");
        let config = std::fs::read_to_string(&path).expect("a configuration");
        std::fs::write(&path, change(config)).expect("a written configuration");
    }

    fn configure(&self, database: &str, sink: Option<&Sink>, more: &str) {
        let hub = self;
        let smarthost = sink.map(|sink| format!("smarthost = \"smtp://127.0.0.1:{}\"", sink.port)).unwrap_or_default();
        let config = format!(
            "[hub]\nname = \"Flow\"\nlisten = \"127.0.0.1:{}\"\n{database}\n[mail]\ndomain = \"hub.test\"\nsmtp = \"127.0.0.1:{}\"\n\
             lmtp = \"127.0.0.1:{}\"\n{smarthost}\n{more}\n",
            hub.http, hub.smtp, hub.lmtp
        );
        std::fs::write(hub.data().join("guildhall.toml"), config).expect("a written configuration");
    }

    /// On PostgreSQL a database of its own; nothing to say on SQLite.
    fn database(&self) -> String {
        let Ok(server) = std::env::var("GUILDHALL_TEST_DATABASE") else { return String::new() };
        format!("database = \"{}\"", postgres::new_database(&server))
    }

    /// A running hub.
    pub fn start(sink: Option<&Sink>, more: &str) -> Self {
        let mut hub = Self::configured(sink, more);
        hub.run();
        hub
    }

    /// Another hub on the same database, which must be PostgreSQL: it holds the secret too.
    pub fn twin(&self) -> Self {
        let mut twin = Self::empty();
        let config = std::fs::read_to_string(self.data().join("guildhall.toml")).expect("a configuration");
        let ports = [(self.http, twin.http), (self.smtp, twin.smtp), (self.lmtp, twin.lmtp)];
        let config =
            ports.iter().fold(config, |config, (old, new)| config.replace(&format!(":{old}\""), &format!(":{new}\"")));
        std::fs::write(twin.data().join("guildhall.toml"), config).expect("a written configuration");
        twin.run();
        twin
    }

    /// Starts it, and waits for nothing.
    pub fn launch(&mut self) {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log")).expect("a log");
        let out = log.try_clone().expect("a log");
        let child =
            self.command(&["serve"]).stdin(Stdio::null()).stdout(out).stderr(log).spawn().expect("the hub starts");
        self.child = Some(child);
    }

    /// Starts it, and waits until it answers.
    pub fn run(&mut self) {
        self.launch();
        self.until_it_answers();
    }

    /// Waits until it answers, once it was launched.
    pub fn until_it_answers(&mut self) {
        let (http, log) = (self.http, self.folder.path().join("log"));
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", http)).is_err() {
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "the hub does not answer:\n{}", log());
            let ended = self.child.as_mut().and_then(|child| child.try_wait().expect("a child"));
            assert!(ended.is_none(), "the hub ended at once:\n{}", log());
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a killed hub");
            child.wait().expect("an ended hub");
        }
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
            assert!(told.success());
            let start = Instant::now();
            while child.try_wait().expect("a child").is_none() {
                assert!(start.elapsed() < Duration::from_secs(12), "the hub stops within its patience");
                std::thread::park_timeout(Duration::from_millis(30));
            }
        }
    }

    /// SIGTERM, and waits for nothing.
    pub fn terminate(&self) {
        let child = self.child.as_ref().expect("a running hub");
        assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill runs").success());
    }

    /// Whether the process has ended.
    pub fn has_ended(&mut self) -> bool {
        let ended = self.child.as_mut().is_none_or(|child| child.try_wait().expect("a child").is_some());
        if ended {
            self.child = None;
        }
        ended
    }

    /// Lets a hub that has not run yet have its data somewhere else.
    pub fn move_to(&mut self, folder: &Path) {
        std::fs::copy(self.data().join("guildhall.toml"), folder.join("guildhall.toml")).expect("its configuration");
        self.place = Some(folder.to_owned());
    }

    /// The process; it must run.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("a running hub").id()
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.place.as_deref().unwrap_or(self.folder.path())
    }

    fn clock(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// Sets the clock that this hub and its commands see: `+0`, `+3d`, `-2h`, or a time at which it stands (UTC). The
    /// first time before it runs.
    pub fn set_clock(&self, to: &str) {
        write_clock(&self.clock(), to);
    }

    /// Lets this hub and its commands log for programs.
    pub fn log_as_json(&self) {
        std::fs::write(self.folder.path().join("log-format"), "json").expect("a format");
    }

    /// What the hub has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The URL of its database, as the configuration says it.
    pub fn database_url(&self) -> String {
        let config = std::fs::read_to_string(self.data().join("guildhall.toml")).expect("the configuration");
        let line = config.lines().find_map(|line| line.strip_prefix("database = "));
        line.map_or_else(|| "sqlite".to_owned(), |url| url.trim_matches('"').to_owned())
    }

    /// A command of the binary on this hub's data.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        if self.is_later {
            command.env("GUILDHALL_TRIAL_STEP", "yes");
        }
        command.args(words).arg("--data").arg(self.data()).current_dir(self.data());
        let clock = self.clock();
        if clock.exists() {
            command.envs(by_clock(&clock));
        }
        if let Ok(format) = std::fs::read_to_string(self.folder.path().join("log-format")) {
            command.env("GUILDHALL_LOG_FORMAT", format);
        }
        command
    }

    /// Runs a command beside the service; it must succeed.
    #[track_caller]
    pub fn cli(&self, words: &[&str]) -> String {
        let output = self.try_cli(words, b"");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "guildhall {}: {said}", words.join(" "));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command beside the service, with something on its standard input.
    pub fn try_cli(&self, words: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        // A command that refuses at once reads nothing.
        let _ = child.stdin.take().expect("its input").write_all(input);
        child.wait_with_output().expect("the command ends")
    }

    /// A person with an account, `NAME@example.org` and the password that [`Visitor::sign_in`] types.
    pub fn person(&self, name: &str, admin: bool) -> Visitor {
        let email = format!("{name}@example.org");
        let mut words = vec!["accounts", "add", name, "--email", &email, "--password-stdin"];
        if admin {
            words.push("--admin");
        }
        let output = self.try_cli(&words, visitor::PASSWORD.as_bytes());
        assert!(output.status.success(), "accounts add: {}", String::from_utf8_lossy(&output.stderr));
        let visitor = self.stranger();
        visitor.sign_in(name);
        visitor
    }

    /// Somebody without an account.
    pub fn stranger(&self) -> Visitor {
        Visitor::new(format!("http://127.0.0.1:{}", self.http))
    }

    /// Hands a mail in over LMTP and gives the reply to each recipient.
    pub fn lmtp(&self, from: &str, rcpts: &[&str], raw: &str) -> Vec<String> {
        sink::lmtp(self.lmtp, from, rcpts, raw)
    }
}

/// What lets a program see the machine's clock as this file says, and its steady clock as it is: Debian's faketime.
fn by_clock(clock: &Path) -> [(&'static str, String); 5] {
    let libraries = std::fs::read_dir("/usr/lib").expect("libraries").flatten();
    let library = libraries.map(|folder| folder.path().join("faketime/libfaketime.so.1")).find(|path| path.exists());
    let library = library.expect("libfaketime; ops/test installs it");
    [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
        ("FAKETIME_CACHE_DURATION", "1".into()),
        ("TZ", "UTC".into()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
    ]
}

/// In one step: half a file would be another time.
fn write_clock(clock: &Path, to: &str) {
    let new = clock.with_extension("new");
    std::fs::write(&new, to).and_then(|()| std::fs::rename(&new, clock)).expect("a clock");
}

impl Drop for Hub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the hub said ---\n{}", self.log());
        }
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs a program of the machine; it must succeed.
#[track_caller]
pub fn run(folder: &Path, program: &str, words: &[&str]) -> String {
    let output = Command::new(program)
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HGUSER", "Ann <ann@example.org>")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be run ({error}); ops/test installs it"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {said}", words.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned() + &said
}

/// The path of this workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
