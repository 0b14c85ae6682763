//! A mail server at the other end, in this process: it remembers what it took, and can be slow, dumb, choosy or gone.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::harness::{Taken, free_port, wait_for};

/// How the other side behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything.
    Kind,
    /// Waits so long before each reply, or until the mood changes.
    Slow(Duration),
    /// Refuses recipients whose address begins with `no`, puts off those that begin with `later`.
    Choosy,
    /// Takes the whole mail and hangs up without a word.
    Rude,
}

/// The server; it listens while it is open.
pub struct PostOffice {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    mails: Mutex<Vec<Taken>>,
    mood: Mutex<Mood>,
    open: AtomicBool,
}

impl Shared {
    /// Whether a reply that waits since so long still waits.
    fn is_slow(&self, since: Duration) -> bool {
        self.open.load(Ordering::SeqCst)
            && matches!(*self.mood.lock().expect("a mood"), Mood::Slow(pause) if since < pause)
    }
}

impl PostOffice {
    /// Opens on a port of its own.
    pub fn open() -> Self {
        let shared = Shared { mails: Mutex::default(), mood: Mutex::new(Mood::Kind), open: AtomicBool::new(false) };
        let office = Self { port: free_port(), shared: Arc::new(shared) };
        office.reopen();
        office
    }

    /// Nobody listens any more, and every connection breaks.
    pub fn close(&self) {
        self.shared.open.store(false, Ordering::SeqCst);
        // The accepting thread sees it within its pause; until then a connection is dropped at once.
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Listens again, on the same port.
    pub fn reopen(&self) {
        // A program that was started a moment ago may still hold the listener that was closed last.
        let listener = wait_for("the port of the post office", || TcpListener::bind(("127.0.0.1", self.port)).ok());
        listener.set_nonblocking(true).expect("a listener");
        self.shared.open.store(true, Ordering::SeqCst);
        let shared = self.shared.clone();
        std::thread::spawn(move || {
            while shared.open.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let shared = shared.clone();
                        std::thread::spawn(move || drop(talk(&shared, stream)));
                    }
                    Err(_) => std::thread::park_timeout(Duration::from_millis(3)),
                }
            }
        });
    }

    pub fn mood(&self, mood: Mood) {
        *self.shared.mood.lock().expect("a mood") = mood;
    }

    /// Everything that was taken so far.
    pub fn mails(&self) -> Vec<Taken> {
        self.shared.mails.lock().expect("mails").clone()
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.shared.open.store(false, Ordering::SeqCst);
    }
}

/// One connection (RFC 5321), as short as it goes.
fn talk(shared: &Shared, stream: TcpStream) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let say = |text: &str| {
        let begun = Instant::now();
        while shared.is_slow(begun.elapsed()) {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        (&stream).write_all(format!("{text}\r\n").as_bytes())
    };
    say("220 elsewhere.test")?;
    let (mut from, mut rcpts) = (String::new(), vec![]);
    while let Some(line) = next_line(shared, &mut reader)? {
        let upper = line.to_ascii_uppercase();
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        if upper.starts_with("EHLO") {
            say("250-elsewhere.test\r\n250-PIPELINING\r\n250 8BITMIME")?;
        } else if upper.starts_with("MAIL") {
            (from, rcpts) = (address(), vec![]);
            say("250 2.1.0 Ok")?;
        } else if upper.starts_with("RCPT") {
            let (rcpt, mood) = (address(), *shared.mood.lock().expect("a mood"));
            if mood == Mood::Choosy && rcpt.starts_with("no") {
                say("550 5.1.1 Nobody of that name")?;
            } else if mood == Mood::Choosy && rcpt.starts_with("later") {
                say("450 4.2.1 The mailbox is busy")?;
            } else {
                rcpts.push(rcpt);
                say("250 2.1.5 Ok")?;
            }
        } else if upper.starts_with("DATA") {
            if rcpts.is_empty() {
                say("554 5.5.1 No valid recipients")?;
                continue;
            }
            say("354 Go on")?;
            let mut text = String::new();
            loop {
                let Some(line) = next_line(shared, &mut reader)? else { return Ok(()) };
                if line == "." {
                    break;
                }
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
            if *shared.mood.lock().expect("a mood") == Mood::Rude {
                return Ok(());
            }
            let taken = Taken { from: from.clone(), rcpts: std::mem::take(&mut rcpts), text };
            shared.mails.lock().expect("mails").push(taken);
            say("250 2.0.0 Taken")?;
        } else if upper.starts_with("QUIT") {
            return say("221 2.0.0 Bye");
        } else {
            say("250 2.0.0 Ok")?;
        }
    }
    Ok(())
}

/// The next line without its end; `None` at the end of the connection, or when the office is closed.
fn next_line(shared: &Shared, reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = vec![];
    loop {
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(None),
            Ok(_) if line.ends_with(b"\n") => {
                return Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()));
            }
            Ok(_) => return Ok(None),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
        if !shared.open.load(Ordering::SeqCst) {
            return Ok(None);
        }
    }
}
