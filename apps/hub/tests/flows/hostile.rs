//! Who sends too much, too slowly or nonsense: memory stays bounded, the log names each limit, and honest people are
//! served all the while.

mod packed;
mod web;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Hub, Visitor, wait_for};

/// Idle connections of mail; as many as the machine's own limit on open files leaves room for.
fn crowd() -> usize {
    let wanted = std::env::var("GUILDHALL_CROWD").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok());
    files.map_or(wanted, |files: usize| wanted.min(files.saturating_sub(400)))
}

fn connect(port: u16) -> TcpStream {
    let stream = wait_for("a connection", || TcpStream::connect(("127.0.0.1", port)).ok());
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    stream
}

/// What comes until this is in it, or until the other side is gone.
fn hear(stream: &mut TcpStream, wanted: &str) -> String {
    let (mut heard, mut piece) = (String::new(), [0; 4096]);
    while !heard.contains(wanted) {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return heard + "(gone)",
            Ok(count) => heard.push_str(&String::from_utf8_lossy(&piece[..count])),
        }
    }
    heard
}

fn send(stream: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    // The hub may have closed already: that is heard next.
    let _ = stream.write_all(bytes.as_ref());
}

/// An honest person reads and writes, and an honest mail is taken and stands in the archive.
fn honest(hub: &Hub, ann: &Visitor, number: &str) {
    let title = format!("Honest {number}");
    let filed = ann.submit("/issues/new", "/issues/new", &[("title", &title), ("message", "It works.")]).expect(200);
    assert!(filed.text.contains(&title), "{}", filed.text);
    let mail = format!(
        "From: ann@example.org\nTo: dev@hub.test\nSubject: Post {number}\nMessage-ID: <{number}@example.org>\n\nText.\n"
    );
    let replies = hub.lmtp("ann@example.org", &["dev@hub.test"], &mail);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    wait_for("the post", || ann.get("/lists/dev/").text.contains(&format!("Post {number}")).then_some(()));
}

/// The reply to a mail over SMTP, as from another server; the greeting when it is no welcome.
fn over_smtp(hub: &Hub, subject: &str) -> String {
    let mut stream = connect(hub.smtp);
    let greeting = hear(&mut stream, "\r\n");
    if !greeting.starts_with("220 ") {
        return greeting;
    }
    send(&mut stream, "EHLO honest.example\r\n");
    hear(&mut stream, "250 SIZE");
    send(&mut stream, "MAIL FROM:<ann@example.org>\r\nRCPT TO:<dev@hub.test>\r\nDATA\r\n");
    let ready = hear(&mut stream, "354 ");
    assert!(ready.contains("354 "), "{ready}");
    send(
        &mut stream,
        format!(
            "From: ann@example.org\r\nTo: dev@hub.test\r\nSubject: {subject}\r\nMessage-ID: <{}@example.org>\r\n\r\n\
             Text.\r\n.\r\n",
            subject.replace(' ', "-")
        ),
    );
    hear(&mut stream, "\r\n")
}

/// Kilobytes of memory that the process has (`VmRSS`), or has had at most (`VmHWM`).
fn memory(hub: &Hub, line: &str) -> u64 {
    memory_of(hub.pid(), line).expect("a process")
}

fn memory_of(pid: u32, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status
        .lines()
        .find_map(|text| text.strip_prefix(line)?.trim_start_matches(':').split_whitespace().next()?.parse().ok())
}

fn guarded(more: &str) -> (Hub, Visitor) {
    begun(Hub::start(None, more))
}

fn begun(hub: Hub) -> (Hub, Visitor) {
    hub.cli(&["lists", "new", "dev@hub.test"]);
    hub.cli(&["lists", "members", "add", "dev@hub.test", "ann@example.org"]);
    let ann = hub.person("ann", false);
    honest(&hub, &ann, "before");
    (hub, ann)
}

#[test]
fn a_crowd_of_idle_mail_connections_keeps_nobody_out() {
    let count = crowd();
    println!("{count} idle connections");
    let (hub, ann) = guarded(&format!("max_connections = {}", count * 3 / 2));
    let before = memory(&hub, "VmRSS");
    let mut idle: Vec<TcpStream> = (0..count).map(|_| connect(hub.smtp)).collect();
    for stream in &mut idle {
        assert!(hear(stream, "\r\n").starts_with("220 "));
        send(stream, "EHLO idle.example\r\n");
    }
    for stream in &mut idle {
        assert!(hear(stream, "250 SIZE").contains("250-PIPELINING"));
    }
    honest(&hub, &ann, "between");
    let reply = over_smtp(&hub, "Into the crowd");
    assert!(reply.starts_with("250 "), "{reply}");
    wait_for("the post", || ann.get("/lists/dev/").text.contains("Into the crowd").then_some(()));
    let each = memory(&hub, "VmRSS").saturating_sub(before) / count as u64;
    assert!(each < 40, "an idle connection costs {each} kB");
    drop(idle);
    honest(&hub, &ann, "after");
}

#[test]
fn whoever_finds_no_place_is_told_and_the_silent_make_room() {
    let (hub, ann) = guarded("max_connections = 20");
    let mut idle: Vec<TcpStream> = (0..20).map(|_| connect(hub.smtp)).collect();
    assert!(idle.iter_mut().all(|stream| hear(stream, "\r\n").starts_with("220 ")));
    assert!(hear(&mut connect(hub.smtp), "\r\n").starts_with("421 4.7.0 Too many connections"));
    // While it is crowded silence is short, so that an honest sender who comes again gets in.
    wait_for("a free place", || over_smtp(&hub, "Comes again").starts_with("250 ").then_some(()));
    wait_for("the post", || ann.get("/lists/dev/").text.contains("Comes again").then_some(()));
    honest(&hub, &ann, "between");
    let log = hub.log();
    assert!(log.contains("mail.max_connections") && log.contains("silent for too long"), "{log}");
}

#[test]
fn nonsense_over_smtp_ends_the_session_and_nothing_else() {
    let (hub, ann) = guarded("max_size = \"2 MB\"");
    let envelope = "EHLO x.example\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<dev@hub.test>\r\nDATA\r\n";
    let endings = [
        // An endless line, garbage that is pipelined, bare line feeds, and a smuggled mail.
        ("x".repeat(100_000), "5.5.2 The line is too long"),
        ("\u{0}\u{1}garbage\r\n".repeat(5_000), "421 4.7.0"),
        ("MAIL FROM:<a@b>\n".repeat(1_000), "421 4.7.0"),
        (format!("{envelope}text\n.\nMAIL FROM:<eve@evil.example>\r\n.\r\n"), "554 5.5.2"),
        (format!("{envelope}{}\r\n.\r\n", "y".repeat(500_000)), "554 5.6.0"),
        (format!("{envelope}{}.\r\n", "0123456789\r\n".repeat(300_000)), "552 5.3.4"),
        (format!("EHLO x\r\n{}", "RCPT TO:<nobody@hub.test>\r\n".repeat(500)), "421 4.7.0"),
        ("STARTTLS\r\nMAIL FROM:<eve@evil.example>\r\nQUIT\r\n".to_owned(), "502 5.5.1 STARTTLS is not offered"),
    ];
    for (bytes, answer) in &endings {
        let mut stream = connect(hub.smtp);
        let mut writing = stream.try_clone().expect("the same connection");
        let heard = std::thread::scope(|scope| {
            scope.spawn(move || send(&mut writing, bytes));
            hear(&mut stream, answer)
        });
        assert!(heard.contains(answer), "wanted {answer}, heard {}", heard.chars().take(2_000).collect::<String>());
    }
    honest(&hub, &ann, "after");
    assert!(!ann.get("/lists/dev/").text.contains("evil.example"));
    let log = hub.log();
    for limit in ["longer than 2048 bytes", "too many errors", "2 MB is the most", "longer than 998 bytes", "lone dot"]
    {
        assert!(log.contains(limit), "the log does not name {limit}: {log}");
    }
}

#[test]
fn slow_and_huge_requests_keep_nobody_out() {
    let hub_and_ann = guarded("");
    let (hub, ann) = (&hub_and_ann.0, &hub_and_ann.1);
    let mut slow = vec![];
    for number in 0..300 {
        let mut stream = connect(hub.http);
        // A head that never ends, and a body that hardly begins.
        send(
            &mut stream,
            if number % 2 == 0 {
                "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ".to_owned()
            } else {
                "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000000\r\n\r\nname=".to_owned()
            },
        );
        slow.push(stream);
    }
    honest(hub, ann, "between");
    for (head, status) in [
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(200_000)), "HTTP/1.1 4"),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(5_000)), "HTTP/1.1 431"),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "y".repeat(200_000)), "HTTP/1.1 431"),
        ("\u{0}\u{1}\u{2} nonsense\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), "HTTP/1.1"),
    ] {
        let mut stream = connect(hub.http);
        let mut writing = stream.try_clone().expect("the same connection");
        let heard = std::thread::scope(|scope| {
            scope.spawn(move || send(&mut writing, head));
            hear(&mut stream, "\r\n")
        });
        assert!(heard.starts_with(status) || heard == "(gone)", "wanted {status}, heard {heard}");
    }
    let queries = ["a=b&".repeat(8_000), format!("q={}", "(".repeat(30_000)), format!("q={}", "%22".repeat(10_000))];
    for (path, query) in ["/issues/", "/search", "/people/", "/lists/"].iter().zip(queries.iter().cycle()) {
        let answer = ann.get(&format!("{path}?{query}"));
        assert!(answer.status < 500, "{path}: {}", answer.text);
    }
    let many = "a=b&".repeat(900_000);
    ann.post_body("/login", "application/x-www-form-urlencoded", many.as_bytes()).expect(413);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(ann.post_body("/hooks/none", "application/json", deep.as_bytes()).status < 500);
    honest(hub, ann, "after");
    let body = &mut slow[1];
    body.set_read_timeout(Some(Duration::from_secs(120))).expect("a limit");
    let heard = hear(body, "to come and be answered");
    assert!(heard.starts_with("HTTP/1.1 503") && heard.contains("longer than 60 seconds"), "{heard}");
    wait_for("the slow ones to be sent away", || {
        let log = hub.log();
        let limits = ["the head of a request was too slow", "The request took longer than 60 seconds"];
        limits.iter().all(|limit| log.contains(limit)).then_some(())
    });
    drop(slow);
}

#[test]
fn what_all_send_together_is_bounded() {
    let (hub, ann) = guarded("");
    // Each sends nearly all of a webhook (24 of 24.8 MiB) or of a mail and then waits, so that none ends before the
    // others: all of them would hold more than a gigabyte.
    let piece = vec![b'x'; 24 << 20];
    let head =
        "POST /hooks/none HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 26000000\r\n\r\n";
    let line = format!("{}\r\n", "m".repeat(996));
    let mail = format!(
        "EHLO x\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<dev@hub.test>\r\nDATA\r\n{}",
        line.repeat((22 << 20) / line.len())
    );
    let mut held: Vec<TcpStream> = vec![];
    std::thread::scope(|scope| {
        let sending: Vec<_> = (0..60)
            .map(|number| {
                let (mut stream, piece, mail) = (connect(if number < 30 { hub.http } else { hub.smtp }), &piece, &mail);
                scope.spawn(move || {
                    stream.set_write_timeout(Some(Duration::from_secs(20))).expect("a limit");
                    if number < 30 {
                        send(&mut stream, head);
                        send(&mut stream, piece);
                    } else {
                        send(&mut stream, mail);
                    }
                    stream
                })
            })
            .collect();
        held.extend(sending.into_iter().map(|one| one.join().expect("a sender")));
    });
    honest(&hub, &ann, "between");
    let most = memory(&hub, "VmHWM") / 1024;
    println!("{most} MB at most");
    assert!(most < 900, "{most} MB at most");
    for stream in held.iter_mut().skip(30) {
        send(stream, ".\r\n");
    }
    wait_for("the log to name the limit", || {
        let log = hub.log();
        (log.contains("bodies of all requests together") && log.contains("too many large mails")).then_some(())
    });
    drop(held);
    honest(&hub, &ann, "after");
}

/// Tells a reader that it is over.
#[derive(Default)]
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn who_hardly_reads_holds_little_and_keeps_nobody_out() {
    let (hub, ann) = guarded("");
    let file = "0123456789abcdef".repeat(512 << 10);
    let link = ann.attach("/issues/1", "large.bin", &file);
    let before = memory(&hub, "VmHWM");
    // All of them would hold 960 MB.
    let mut slow: Vec<TcpStream> = (0..120).map(|_| connect(hub.http)).collect();
    for stream in &mut slow {
        send(stream, format!("GET {link} HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    let ends = Ends::default();
    let told = ends.0.clone();
    std::thread::scope(|scope| {
        // Dropped also where something fails, so that the reader ends.
        let _ends = ends;
        let slow = &slow;
        scope.spawn(move || {
            // A byte a second, of each of them.
            while !told.load(Ordering::SeqCst) {
                for mut stream in slow {
                    stream.set_nonblocking(true).expect("a stream");
                    let _ = stream.read(&mut [0]);
                }
                std::thread::park_timeout(Duration::from_secs(1));
            }
        });
        honest(&hub, &ann, "between");
        wait_for("the log to name the limits", || {
            let log = hub.log();
            let (all, each) = ("the answers that wait to be read are too large", "an answer was read too slowly");
            (log.contains(all) && log.contains(each)).then_some(())
        });
        // Whoever reads gets it whole, as soon as the first of the others are gone.
        wait_for("the file", || Some(ann.get(&link)).filter(|answer| answer.status == 200 && answer.text == file));
    });
    let more = memory(&hub, "VmHWM").saturating_sub(before) >> 10;
    assert!(more < 600, "{more} MB for those who hardly read");
    drop(slow);
    honest(&hub, &ann, "after");
}
