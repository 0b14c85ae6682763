//! A stop while everything around the hub hangs: it ends within ten seconds, and nothing is half done.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::harness::{Hub, Sink, wait_for};

/// A server that takes connections and says nothing but its greeting.
struct Hanging {
    port: u16,
    heard: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Hanging {
    fn open(greeting: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let heard = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
        let counting = heard.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let counting = counting.clone();
                std::thread::spawn(move || {
                    let _ = stream.write_all(greeting.as_bytes());
                    let mut bytes = [0; 1024];
                    while let Ok(1..) = stream.read(&mut bytes) {
                        counting.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        Self { port, heard }
    }

    fn wait_until_heard(&self, what: &str) {
        wait_for(what, || (self.heard.load(std::sync::atomic::Ordering::SeqCst) > 0).then_some(()));
    }
}

fn post(word: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\r\nTo: dev@hub.test\r\nSubject: {word}\r\nMessage-ID: <{word}@test>\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\nIt is about {word}.\r\n"
    )
}

#[test]
fn a_hub_whose_peers_all_hang_stops_in_time_and_finishes_later() {
    let (office, irc) = (Hanging::open("220 office.test ESMTP\r\n"), Hanging::open(""));
    let smarthost = |port: u16| format!("smarthost = \"smtp://127.0.0.1:{port}\"\n");
    let more = format!(
        "{}[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\n",
        smarthost(office.port),
        irc.port
    );
    let mut hub = Hub::start(None, &more);
    irc.wait_until_heard("the bot's greeting");
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let members = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\nm1@example.net\n");
    assert!(members.status.success());
    assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], &post("waiting"))[0].starts_with("250"));
    office.wait_until_heard("the hub at the smarthost");

    let mut streams: Vec<BufReader<TcpStream>> = (0..5)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", hub.http)).expect("HTTP answers");
            stream.write_all(b"GET /live?on=everything&after=0 HTTP/1.1\r\nHost: hub.test\r\n\r\n").expect("a request");
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            reader.read_line(&mut line).expect("an answer");
            assert!(line.contains(" 200 "), "{line}");
            reader
        })
        .collect();
    // One session is idle, one is in the middle of a mail that comes slowly and never ends.
    let slow = TcpStream::connect(("127.0.0.1", hub.smtp)).expect("SMTP answers");
    let mut slow = BufReader::new(slow);
    let mut line = String::new();
    for said in ["", "HELO x", "MAIL FROM:<ann@example.org>", "RCPT TO:<dev@hub.test>", "DATA"] {
        if !said.is_empty() {
            slow.get_mut().write_all(format!("{said}\r\n").as_bytes()).expect("a sent line");
        }
        line.clear();
        slow.read_line(&mut line).expect("a reply");
    }
    assert!(line.starts_with("354"), "{line}");
    slow.get_mut().write_all(b"Subject: half of it\r\n\r\nThis mail").expect("half a mail");

    let begun = Instant::now();
    hub.terminate();
    let trickling = slow.get_ref().try_clone().expect("a stream");
    let ends = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let until = ends.clone();
    let trickle = std::thread::spawn(move || {
        while !until.load(std::sync::atomic::Ordering::SeqCst) && (&trickling).write_all(b" goes on").is_ok() {
            std::thread::park_timeout(Duration::from_millis(100));
        }
    });
    let took = wait_for("the hub to end", || hub.has_ended().then(|| begun.elapsed()));
    ends.store(true, std::sync::atomic::Ordering::SeqCst);
    trickle.join().expect("the trickle ends");
    assert!(took < Duration::from_secs(10), "the stop took {took:?}");
    for stream in &mut streams {
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest);
    }
    let mut rest = String::new();
    let _ = slow.read_to_string(&mut rest);
    assert!(!rest.starts_with("250"), "half a mail was taken: {rest}");

    let sink = Sink::start();
    hub.reconfigure(|config| config.replace(&smarthost(office.port), &smarthost(sink.port)));
    hub.run();
    sink.wait("m1@example.net", |mail| mail.header("subject").contains("waiting"));
    let archive = hub.stranger().get("/lists/dev/").expect(200).text;
    assert!(archive.contains("waiting") && !archive.contains("half of it"), "{archive}");
    assert!(!hub.log().contains("panicked"), "{}", hub.log());
}

#[test]
fn a_health_check_tells_whether_the_hub_answers() {
    let mut hub = Hub::start(None, "");
    let place = format!("127.0.0.1:{}", hub.http);
    assert_eq!(hub.cli(&["check", "--alive"]), format!("The hub answers at {place}.\n"));
    hub.stop();
    let asked = hub.try_cli(&["check", "--alive"], b"");
    let said = String::from_utf8_lossy(&asked.stdout);
    assert!(!asked.status.success() && said.starts_with(&format!("No hub answers at {place}: ")), "{said}");
}
