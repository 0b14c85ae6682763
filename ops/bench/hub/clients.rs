//! Clients that keep their connections, and what the hub spends on them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::{Hub, Visitor};
use crate::report::Figure;

/// A hub with data, and somebody who is signed in.
pub struct Served<'a> {
    pub hub: &'a Hub,
    pub cookie: String,
    pub visitor: &'a Visitor,
}

/// CPU time that a process has used, in user and in system mode (proc(5), `stat`, fields 14 and 15).
pub fn cpu(pid: u32) -> Duration {
    ticks(&format!("/proc/{pid}/stat"), 11, 2)
}

/// CPU time of the children that have ended (fields 16 and 17).
pub fn cpu_of_children() -> Duration {
    ticks("/proc/self/stat", 13, 2)
}

/// CPU time that a process has used, with all its descendants, those that it has waited for (fields 14 to 17) and those
/// that still run.
pub fn cpu_of_tree(pid: u32) -> Duration {
    tree(pid).into_iter().map(|pid| ticks(&format!("/proc/{pid}/stat"), 11, 4)).sum()
}

/// A process and its descendants, itself first.
pub fn tree(pid: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("a process file system").flatten();
    let parents: Vec<(u32, u32)> = processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| Some((pid, parent(pid)?)))
        .collect();
    let (mut found, mut next) = (vec![pid], 0);
    while let Some(pid) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| *child));
        next += 1;
    }
    found
}

fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

fn ticks(path: &str, first: usize, fields: usize) -> Duration {
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let sum: u64 = after.split_whitespace().skip(first).take(fields).filter_map(|word| word.parse::<u64>().ok()).sum();
    // A tick is a hundredth of a second on every Linux (USER_HZ).
    Duration::from_millis(sum * 10)
}

/// Resident memory of a process, in bytes.
pub fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Does something `count` times with so many clients at once, at a server and its children. The clients are connected
/// before the clock starts.
pub fn load<C: Send>(
    name: &str,
    (clients, count): (u64, u64),
    server: u32,
    client: impl Fn() -> C,
    each: impl Fn(&mut C, u64) + Sync,
) -> Figure {
    let (next, times) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let ready: Vec<C> = (0..clients).map(|_| client()).collect();
    let (before, start) = (cpu_of_tree(server), Instant::now());
    std::thread::scope(|scope| {
        for mut own in ready {
            let (next, times, each) = (&next, &times, &each);
            scope.spawn(move || {
                let mut mine = vec![];
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    let begun = Instant::now();
                    each(&mut own, n);
                    mine.push(begun.elapsed());
                }
                times.lock().expect("no thread panics with it").append(&mut mine);
            });
        }
    });
    let wall = start.elapsed();
    let spent = cpu_of_tree(server).saturating_sub(before);
    let mut times = times.into_inner().expect("no thread panics with it");
    times.sort();
    Figure {
        name: name.to_owned(),
        p50: quantile(&times, 50),
        p95: quantile(&times, 95),
        p99: quantile(&times, 99),
        ..Figure::of(count, "", wall, spent)
    }
}

/// The time that so many of a hundred do not exceed; `times` are sorted.
pub fn quantile(times: &[Duration], percent: usize) -> Option<Duration> {
    times.get((times.len() * percent / 100).min(times.len().checked_sub(1)?)).copied()
}

/// An HTTP/1.1 connection that is kept as long as the server wants it.
pub struct Http {
    port: u16,
    /// What stands before each path.
    base: &'static str,
    /// What each request says, lines with their ends.
    headers: String,
    reader: Option<BufReader<TcpStream>>,
}

impl Http {
    /// A browser with a cookie.
    pub fn to(port: u16, cookie: &str) -> Self {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        Self::below(port, "", format!("Accept: text/html\r\n{cookie}"))
    }

    /// Any client, of something below a path; each of its headers ends with CRLF.
    pub fn below(port: u16, base: &'static str, headers: String) -> Self {
        Self { port, base, headers, reader: Some(Self::connect(port)) }
    }

    fn connect(port: u16) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server answers");
        stream.set_nodelay(true).expect("a socket");
        BufReader::new(stream)
    }

    /// Gets a page, which must answer 200; its body.
    pub fn get(&mut self, path: &str) -> Vec<u8> {
        let request =
            format!("GET {}{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n", self.base, self.port, self.headers);
        let (status, body) = self.ask(request.as_bytes());
        assert_eq!(status, 200, "{path} answered {status}: {}", String::from_utf8_lossy(&body));
        body
    }

    /// Posts a form; the status.
    pub fn post(&mut self, path: &str, form: &str) -> u16 {
        let request = format!(
            "POST {}{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{form}",
            self.base,
            self.port,
            self.headers,
            form.len()
        );
        self.ask(request.as_bytes()).0
    }

    fn ask(&mut self, request: &[u8]) -> (u16, Vec<u8>) {
        let mut reader = self.reader.take().unwrap_or_else(|| Self::connect(self.port));
        reader.get_mut().write_all(request).expect("a sent request");
        let (mut status, mut length, mut chunked, mut kept, mut line) = (0, None, false, true, String::new());
        loop {
            line.clear();
            reader.read_line(&mut line).expect("an answer");
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("http/1.") {
                status = rest.get(2..5).and_then(|code| code.parse().ok()).unwrap_or(0);
                kept = rest.starts_with('1');
            } else if let Some(value) = text.strip_prefix("content-length:") {
                length = value.trim().parse::<usize>().ok();
            } else if text.starts_with("transfer-encoding:") {
                chunked = true;
            } else if let Some(value) = text.strip_prefix("connection:") {
                kept = value.trim() != "close";
            }
        }
        let mut body = vec![];
        match length {
            _ if chunked => body = chunks(&mut reader),
            Some(length) => {
                body = vec![0; length];
                reader.read_exact(&mut body).expect("a body");
            }
            None => {
                kept = false;
                reader.read_to_end(&mut body).expect("a body");
            }
        }
        self.reader = kept.then_some(reader);
        (status, body)
    }
}

/// A body in chunks (RFC 9112, section 7.1).
fn chunks(reader: &mut impl BufRead) -> Vec<u8> {
    let mut body = vec![];
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a chunk");
        let size = usize::from_str_radix(line.trim_end(), 16).expect("the size of a chunk");
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).expect("a chunk");
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// An LMTP connection that is kept (RFC 2033).
pub struct Lmtp {
    reader: BufReader<TcpStream>,
}

impl Lmtp {
    pub fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("LMTP answers");
        stream.set_nodelay(true).expect("a socket");
        let mut lmtp = Self { reader: BufReader::new(stream) };
        lmtp.reply();
        lmtp.say("LHLO bench.test\r\n");
        lmtp.reply();
        lmtp
    }

    /// Hands one mail in, whose lines end with CRLF.
    pub fn send(&mut self, from: &str, rcpt: &str, mail: &str) {
        self.say(&format!("MAIL FROM:<{from}>\r\nRCPT TO:<{rcpt}>\r\nDATA\r\n"));
        for wanted in ["250", "250", "354"] {
            let reply = self.reply();
            assert!(reply.starts_with(wanted), "LMTP said {reply}");
        }
        self.say(mail);
        self.say("\r\n.\r\n");
        let reply = self.reply();
        assert!(reply.starts_with("250"), "LMTP said {reply}");
    }

    fn say(&mut self, text: &str) {
        self.reader.get_mut().write_all(text.as_bytes()).expect("a sent line");
    }

    fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("a reply");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }
}
