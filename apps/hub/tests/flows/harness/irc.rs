//! A real ngircd, and somebody who talks there.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;
use testkit::SelfSigned;

use super::{free_port, wait_for};

/// A running ngircd.
pub struct IrcServer {
    child: Child,
    _folder: TempDir,
    pub port: u16,
    /// Where it speaks TLS; 0: nowhere.
    pub secure_port: u16,
}

impl IrcServer {
    /// Starts ngircd on a port of its own.
    pub fn start() -> Self {
        Self::start_at(free_port())
    }

    /// Starts ngircd on this port.
    pub fn start_at(port: u16) -> Self {
        Self::run(port, 0, "")
    }

    /// Starts ngircd on a port of its own, and on another one with TLS and this certificate.
    pub fn secure(certificate: &SelfSigned) -> Self {
        let secure_port = free_port();
        let tls = format!(
            "[SSL]\nPorts = {secure_port}\nCertFile = {}\nKeyFile = {}\n",
            certificate.certificate.display(),
            certificate.key.display()
        );
        Self::run(free_port(), secure_port, &tls)
    }

    /// It takes lines as fast as they come: by itself it stops listening for a second to whoever sends some ten in a row.
    fn run(port: u16, secure_port: u16, more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let config = format!(
            "[Global]\nName = irc.flow.test\nInfo = flow\nListen = 127.0.0.1\nPorts = {port}\nMotdPhrase = hello\n\
             PidFile = {0}/pid\n[Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nPingTimeout = 120\nPongTimeout = 20\n\
             [Options]\nDNS = no\nIdent = no\nPAM = no\n{more}",
            folder.path().display()
        );
        let path = folder.path().join("ngircd.conf");
        std::fs::write(&path, config).expect("a written configuration");
        let program = if std::path::Path::new("/usr/sbin/ngircd").exists() { "/usr/sbin/ngircd" } else { "ngircd" };
        let child = Command::new(program)
            .arg("-n")
            .arg("-f")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ngircd starts; ops/test installs it");
        wait_for("ngircd", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child, _folder: folder, port, secure_port }
    }
}

impl Drop for IrcServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody on a channel.
pub struct Talker {
    stream: TcpStream,
    lines: Receiver<String>,
}

impl Talker {
    /// Connects and joins a channel.
    pub fn join(server: &IrcServer, nick: &str, channel_name: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("ngircd answers");
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        let mut answering = stream.try_clone().expect("a stream");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|count| count > 0) {
                if let Some(token) = line.strip_prefix("PING ") {
                    let _ = answering.write_all(format!("PONG {token}").as_bytes());
                }
                if sender.send(line.trim_end().to_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        });
        stream.write_all(format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n").as_bytes()).expect("a sent line");
        let talker = Self { stream, lines };
        talker.hear(" 001 ");
        talker.send(&format!("JOIN {channel_name}"));
        talker.hear(" 366 ");
        talker
    }

    /// Sends a line of the protocol.
    pub fn send(&self, line: &str) {
        (&self.stream).write_all(format!("{line}\r\n").as_bytes()).expect("a sent line");
    }

    /// Says something on a channel.
    pub fn say(&self, channel_name: &str, text: &str) {
        self.send(&format!("PRIVMSG {channel_name} :{text}"));
    }

    /// Waits for a line that contains `part`.
    #[track_caller]
    pub fn hear(&self, part: &str) -> String {
        let mut heard = vec![];
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_secs(40) {
            if let Ok(line) = self.lines.recv_timeout(Duration::from_millis(200)) {
                if line.contains(part) {
                    return line;
                }
                heard.push(line);
            }
        }
        panic!("nobody said {part}; heard {heard:#?}");
    }
}
