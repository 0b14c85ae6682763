//! Mixed load on a hub, and what it acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::harness::{Talker, Visitor};
use crate::luck::Luck;
use crate::repository::{Repository, is_lost};

/// Which way something went in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// A post to the list, over LMTP.
    Post,
    /// A new issue, over SMTP.
    Mail,
    /// A new issue, by form.
    Form,
    /// A message on the first issue, by form.
    Comment,
    /// A push, by the hook.
    Push,
    /// A line on IRC; nobody acknowledges it.
    Line,
}

/// Something that was tried, known by a word that stands nowhere else.
#[derive(Clone, Debug)]
pub struct Deed {
    pub way: Way,
    pub word: String,
    /// Whether the hub said that it has it.
    pub sure: bool,
}

/// What the threads of the load share.
pub struct Load {
    pub smtp: u16,
    pub lmtp: u16,
    pub data: PathBuf,
    pub repository: Repository,
    pub deeds: Mutex<Vec<Deed>>,
    pub up: AtomicBool,
    pub ends: AtomicBool,
    next: AtomicU64,
}

impl Load {
    pub fn new(ports: (u16, u16), data: &Path, repository: Repository) -> Arc<Self> {
        Arc::new(Self {
            smtp: ports.0,
            lmtp: ports.1,
            data: data.to_owned(),
            repository,
            deeds: Mutex::default(),
            up: AtomicBool::new(false),
            ends: AtomicBool::new(false),
            next: AtomicU64::new(1),
        })
    }

    fn word(&self, kind: &str) -> String {
        format!("zq{kind}{}qz", self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn note(&self, way: Way, word: String, sure: bool) {
        self.deeds.lock().expect("deeds").push(Deed { way, word, sure });
    }

    /// Waits for the hub; false when the load ends.
    fn ready(&self) -> bool {
        while !self.ends.load(Ordering::SeqCst) {
            if self.up.load(Ordering::SeqCst) {
                return true;
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        false
    }

    /// Posts to the list. What was not acknowledged is sent again with the same Message-ID, as every mail server does.
    pub fn posts(&self, mut luck: Luck) {
        let mut again: Option<(String, String)> = None;
        while self.ready() {
            let (word, raw) = again.take().unwrap_or_else(|| {
                let word = self.word("p");
                // Some are large, so that their bytes are a file.
                let filling = "x".repeat(70);
                let lines = if luck.hits(0.08) { 4_500 } else { 3 };
                let raw = mail("dev@hub.test", &word, &format!("{}{word}\n", format!("{filling}\n").repeat(lines)));
                (word, raw)
            });
            if hand_in(self.lmtp, "LHLO", "dev@hub.test", &raw) {
                self.note(Way::Post, word, true);
            } else {
                again = Some((word, raw));
            }
            std::thread::park_timeout(pause(&mut luck, 1, 15));
        }
        if let Some((word, _)) = again {
            self.note(Way::Post, word, false);
        }
    }

    /// Files issues by mail.
    pub fn mails(&self, mut luck: Luck) {
        while self.ready() {
            let word = self.word("m");
            let sure = hand_in(self.smtp, "EHLO", "issues@hub.test", &mail("issues@hub.test", &word, &word));
            self.note(Way::Mail, word, sure);
            std::thread::park_timeout(pause(&mut luck, 1, 25));
        }
    }

    /// Files issues and answers the first one, by form.
    pub fn forms(&self, ann: &Visitor, token: &str, mut luck: Luck) {
        while self.ready() {
            let (way, path) = if luck.hits(0.5) { (Way::Form, "/issues/new") } else { (Way::Comment, "/issues/1") };
            let word = self.word(if way == Way::Form { "f" } else { "c" });
            let fields: &[(&str, &str)] = match way {
                Way::Form => &[("title", &word), ("message", "By form."), ("csrf", token)],
                _ => &[("message", &word), ("csrf", token)],
            };
            let status = ann.try_post(path, fields);
            assert!(matches!(status, None | Some(303 | 503)), "a form was answered with {status:?}");
            self.note(way, word, status == Some(303));
            std::thread::park_timeout(pause(&mut luck, 1, 25));
        }
    }

    /// Talks on a channel; gives the talker back in the end.
    pub fn talk(&self, talker: Talker, mut luck: Luck) -> Talker {
        while self.ready() {
            let word = self.word("i");
            talker.say("#dev", &word);
            self.note(Way::Line, word, false);
            std::thread::park_timeout(pause(&mut luck, 50, 200));
        }
        talker
    }

    /// Pushes, whether the hub is up or not.
    pub fn pushes(&self, mut luck: Luck) {
        for number in 1..self.repository.commits.len() {
            if self.ends.load(Ordering::SeqCst) {
                return;
            }
            let said = self.repository.push(number, &self.data);
            assert!(!is_lost(&said), "{said}");
            self.note(Way::Push, self.repository.commits[number].clone(), true);
            std::thread::park_timeout(pause(&mut luck, 20, 120));
        }
    }
}

fn mail(to: &str, word: &str, body: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\r\nTo: {to}\r\nSubject: {word}\r\nMessage-ID: <{word}@test>\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n{}\r\n",
        body.trim_end().replace('\n', "\r\n")
    )
}

/// Hands a mail in; whether it was acknowledged.
pub fn hand_in(port: u16, hello: &str, to: &str, raw: &str) -> bool {
    said(port, hello, to, raw).is_ok_and(|reply| reply.starts_with("250"))
}

/// Hands a mail in; the reply that decided.
pub fn said(port: u16, hello: &str, to: &str, raw: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut reply = || -> std::io::Result<String> {
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.trim_end().to_owned());
            }
        }
    };
    reply()?;
    for line in
        [format!("{hello} rig.test"), "MAIL FROM:<ann@example.org>".into(), format!("RCPT TO:<{to}>"), "DATA".into()]
    {
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        let said = reply()?;
        if !said.starts_with('2') && !said.starts_with('3') {
            return Ok(said);
        }
    }
    stream.write_all(format!("{raw}.\r\n").as_bytes())?;
    reply()
}

/// A time between two numbers of milliseconds.
pub fn pause(luck: &mut Luck, from: usize, to: usize) -> Duration {
    Duration::from_millis((from + luck.below(to - from + 1)) as u64)
}
