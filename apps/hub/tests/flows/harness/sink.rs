//! Postfix's `smtp-sink`, which takes every mail and writes it to a file; and mail handed in over LMTP.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{free_port, wait_for};

/// A mail server at the other end that takes everything.
pub struct Sink {
    child: Child,
    folder: TempDir,
    pub port: u16,
}

/// One mail as the sink took it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub rcpts: Vec<String>,
    /// The mail, line ends as `\n`.
    pub text: String,
}

impl Taken {
    /// The value of a field, unfolded; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        let head = self.text.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
        let wanted = format!("{}:", name.to_lowercase());
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&wanted));
        line.map(|line| line[wanted.len()..].trim().to_owned()).unwrap_or_default()
    }
}

impl Sink {
    /// Starts `smtp-sink`.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), open).expect("a directory for everybody");
        let port = free_port();
        let program = ["/usr/sbin/smtp-sink", "smtp-sink"]
            .into_iter()
            .find(|path| Path::new(path).exists())
            .unwrap_or("smtp-sink");
        let mut command = Command::new(program);
        if run_as_root() {
            command.args(["-u", "nobody"]);
        }
        let template = format!("{}/mail.", folder.path().display());
        let child = command
            .args(["-d", &template, &format!("127.0.0.1:{port}"), "1000"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts; ops/test installs it");
        wait_for("smtp-sink", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child, folder, port }
    }

    /// Everything that was taken so far.
    pub fn mails(&self) -> Vec<Taken> {
        let files = std::fs::read_dir(self.folder.path()).expect("the sink's directory").flatten();
        let mut paths: Vec<PathBuf> = files.map(|file| file.path()).filter(|path| path.is_file()).collect();
        paths.sort();
        paths.iter().filter_map(|path| read(&std::fs::read(path).ok()?)).collect()
    }

    /// Waits for a mail to `rcpt` of which `is` holds.
    #[track_caller]
    pub fn wait(&self, rcpt: &str, is: impl Fn(&Taken) -> bool) -> Taken {
        wait_for(&format!("a mail to {rcpt}; there are {:?}", self.subjects()), || {
            self.mails().into_iter().find(|mail| mail.rcpts.iter().any(|to| to == rcpt) && is(mail))
        })
    }

    /// Recipient and subject of everything that was taken.
    pub fn subjects(&self) -> Vec<String> {
        self.mails()
            .iter()
            .take(30)
            .map(|mail| format!("{}: {}", mail.rcpts.join(","), mail.header("subject")))
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn run_as_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Reads a file of `smtp-sink -d`: fields `X-Mail-Args` and `X-Rcpt-Args`, then `Received`, then the mail.
fn read(bytes: &[u8]) -> Option<Taken> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let (mut from, mut rcpts, mut rest) = (String::new(), vec![], text.as_str());
    while let Some((line, after)) = rest.split_once('\n') {
        let address = |value: &str| value.trim().split(['<', '>']).nth(1).unwrap_or(value.trim()).to_owned();
        if let Some(value) = line.strip_prefix("X-Mail-Args:") {
            from = address(value);
        } else if let Some(value) = line.strip_prefix("X-Rcpt-Args:") {
            rcpts.push(address(value));
        } else if !line.starts_with("X-Client-") && !line.starts_with("X-Helo-") && !line.starts_with("X-Sender-") {
            break;
        }
        rest = after;
    }
    // A file that is still being written has no recipient yet.
    (!rcpts.is_empty()).then(|| Taken { from, rcpts, text: rest.to_owned() })
}

/// Hands a mail in over LMTP (RFC 2033); the reply to each recipient, after the data or at RCPT.
pub fn lmtp(port: u16, from: &str, rcpts: &[&str], raw: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("LMTP answers");
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut reply = || {
        let mut whole = String::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a reply");
            whole.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return whole.trim_end().to_owned();
            }
        }
    };
    let mut say = |text: &str| stream.write_all(text.as_bytes()).expect("a sent line");
    reply();
    say("LHLO flow.test\r\n");
    reply();
    say(&format!("MAIL FROM:<{from}>\r\n"));
    reply();
    let mut replies = vec![];
    let mut taken = 0;
    for rcpt in rcpts {
        say(&format!("RCPT TO:<{rcpt}>\r\n"));
        let said = reply();
        if said.starts_with('2') { taken += 1 } else { replies.push(said) }
    }
    if taken > 0 {
        say("DATA\r\n");
        reply();
        let raw = raw.replace("\r\n", "\n").replace("\n.", "\n..").replace('\n', "\r\n");
        say(&format!("{}\r\n.\r\n", raw.trim_end_matches("\r\n")));
        replies.extend((0..taken).map(|_| reply()));
    }
    say("QUIT\r\n");
    replies
}
