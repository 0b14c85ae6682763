//! What the hub tells a monitor, and whom it does not; what it tells whoever asks what became of a mail.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use mail::fate::Fate;
use serde_json::Value;

use crate::harness::{Hub, Sink, wait_for};

/// The status and the body of `/metrics`, asked for with these fields.
fn metrics(hub: &Hub, fields: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", hub.http)).expect("HTTP answers");
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n{fields}\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}

#[test]
fn the_administrators_network_and_a_token_read_the_metrics() {
    let sink = Sink::start();
    let hub = Hub::configured(Some(&sink), "");
    // The table [hub] comes first in the file of the harness.
    let path = hub.data().join("guildhall.toml");
    let config = std::fs::read_to_string(&path).expect("a configuration");
    let keys = "[hub]\nmetrics = [\"127.0.0.1\", \"198.51.100.0/24\"]\nmetrics_token = \"a-long-word\"";
    std::fs::write(&path, config.replacen("[hub]", keys, 1)).expect("a configuration");
    let mut hub = hub;
    hub.run();
    hub.cli(&["lists", "new", "dev@hub.test"]);
    assert!(hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\n").status.success());
    let post = "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: Hello\nMessage-ID: <m1@test>\n\nHello\n";
    assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], post)[0].starts_with("250"));
    wait_for("the copy", || (!sink.mails().is_empty()).then_some(()));
    assert!(hub.lmtp("ann@example.org", &["nobody@hub.test"], post)[0].starts_with("550"));

    let body = wait_for("the fate to be counted", || {
        let (status, body) = metrics(&hub, "");
        assert_eq!(status, "HTTP/1.1 200 OK");
        // The first answer is counted in the second.
        let counted = body.contains("guildhall_http_seconds_bucket");
        (counted && body.contains("guildhall_mail_total{way=\"out\",fate=\"sent\"} 1")).then_some(body)
    });
    for line in [
        "guildhall_mail_total{way=\"in\",fate=\"received\"} 1",
        "guildhall_mail_total{way=\"in\",fate=\"accepted\"} 1",
        "guildhall_mail_total{way=\"in\",fate=\"refused\"} 1",
        "guildhall_mail_queue{state=\"sent\"} 1",
        "guildhall_jobs{state=\"failed\"} 0",
        "guildhall_journal_parked 0",
    ] {
        assert!(body.contains(line), "{line} is not in\n{body}");
    }
    // The same mail is one line of the log for each fate.
    let log = hub.log();
    for fate in ["received", "accepted", "sent"] {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&format!("fate=\"{fate}\""))).collect();
        assert!(lines.len() == 1 && lines[0].contains("id=\"m1@test\""), "{fate}: {lines:#?}");
    }

    for (fields, wanted) in [
        ("X-Forwarded-For: 198.51.100.7\r\n", "200"),
        ("X-Forwarded-For: 203.0.113.9\r\n", "403"),
        ("X-Forwarded-For: 203.0.113.9\r\nAuthorization: Bearer a-long-word\r\n", "200"),
        ("X-Forwarded-For: 203.0.113.9\r\nAuthorization: Bearer another\r\n", "403"),
        ("X-Forwarded-For: 203.0.113.9\r\nAuthorization: Bearer \r\n", "403"),
    ] {
        let (status, body) = metrics(&hub, fields);
        assert!(status.contains(wanted), "{fields}: {status}");
        assert_eq!(wanted == "200", body.contains("guildhall_"), "{fields}: {body}");
    }
}

/// A smarthost that refuses `no@`, puts `later@` off and takes the rest.
fn choosy() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || choose(&stream));
        }
    });
    port
}

fn choose(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines().map_while(Result::ok);
    write!(stream, "220 choosy\r\n").ok()?;
    while let Some(line) = lines.next() {
        let answer = match line.as_str() {
            "DATA" => {
                write!(stream, "354 go\r\n").ok()?;
                lines.find(|line| line == ".")?;
                "250 2.0.0 taken"
            }
            refused if refused.starts_with("RCPT TO:<no@") => "550 5.1.1 No such user",
            later if later.starts_with("RCPT TO:<later@") => "451 4.2.1 Busy",
            _ => "250 ok",
        };
        write!(stream, "{answer}\r\n").ok()?;
    }
    Some(())
}

/// What the line of this fate says of a mail below: its Message-ID, its recipient and a part of the reply.
fn told(fate: Fate) -> [&'static str; 3] {
    match fate {
        Fate::Received => ["m1@test", "dev@hub.test", "lmtp 127.0.0.1"],
        Fate::Refused => ["", "nobody@hub.test", "550 5.1.1 There is no mailbox nobody@hub.test here."],
        Fate::Accepted => ["m1@test", "dev@hub.test", ""],
        Fate::Held => ["m2@test", "dev@hub.test", "Its author is not a member"],
        Fate::DroppedIn => ["m3@test", "dev@hub.test", "A moderator threw it away."],
        Fate::DroppedOut => ["m1@test", "later@example.org", ""],
        Fate::Kept => ["m4@test", "postmaster@hub.test", "lmtp 127.0.0.1"],
        Fate::DeferredIn => ["", "issues@hub.test", "The stored bytes of this mail are missing."],
        Fate::Sent => ["m1@test", "ann@example.org", "250 2.0.0 taken"],
        Fate::DeferredOut => ["m1@test", "later@example.org", "451 4.2.1 Busy"],
        Fate::Bounced => ["m1@test", "no@example.org", "550 5.1.1 No such user"],
    }
}

/// The lines of a log with this fate, as they are for people or for programs.
fn lines<'l>(log: &'l str, fate: Fate, [id, to, reply]: [&str; 3]) -> Vec<&'l str> {
    let wanted = [("fate", fate.word()), ("way", fate.way()), ("id", id), ("to", to)];
    let says = |line: &&str| match serde_json::from_str::<Value>(line) {
        Ok(line) => {
            let field = |name: &str| line["fields"][name].as_str().unwrap_or("(none)").to_owned();
            line["target"] == "guildhall::mail"
                && wanted.iter().all(|(name, value)| field(name) == *value)
                && field("reply").contains(reply)
        }
        Err(_) => {
            wanted.iter().all(|(name, value)| line.contains(&format!(" {name}=\"{value}\""))) && line.contains(reply)
        }
    };
    log.lines().filter(says).collect()
}

/// Takes the bytes of the large mails away, as a damaged disk does.
fn damage(hub: &Hub) {
    let url = hub.database_url();
    if url.starts_with("postgres") {
        let sql = "UPDATE blob SET body = NULL WHERE size > 262144";
        assert!(Command::new("psql").args([&url, "-qc", sql]).status().expect("psql runs").success());
    } else {
        std::fs::remove_dir_all(hub.data().join("blobs")).expect("a large mail");
    }
}

/// Each thing that can become of a mail, made to happen; what the hub and its commands said.
fn all_fates(mut hub: Hub) -> String {
    hub.run();
    let mut said = String::new();
    let mut command = |hub: &Hub, words: &[&str], input: &str| {
        let output = hub.try_cli(words, input.as_bytes());
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    };
    command(&hub, &["lists", "new", "dev@hub.test"], "");
    let members = "ann@example.org\nno@example.org\nlater@example.org\n";
    command(&hub, &["lists", "members", "sync", "dev@hub.test", "-"], members);
    let root = hub.person("root", true);
    let mail = |from: &str, to: &str, id: &str| {
        let mail = format!("From: {from}\nTo: {to}\nSubject: Hello {id}\nMessage-ID: <{id}@test>\n\nHello {id}\n");
        hub.lmtp(from, &[to], &mail)[0].clone()
    };
    assert!(mail("ann@example.org", "dev@hub.test", "m1").starts_with("250"));
    assert!(mail("ann@example.org", "nobody@hub.test", "m0").starts_with("550"));
    assert!(mail("ann@example.org", "postmaster@hub.test", "m4").starts_with("250"));
    for (id, decision) in [("m2", "accept"), ("m3", "discard")] {
        assert!(mail("eve@example.org", "dev@hub.test", id).starts_with("250"));
        let held = wait_for("the held post", || {
            root.get("/lists/dev/queue").attributes("td.title a", "href").into_iter().next()
        });
        let ids = root.get(&held).expect(200).attributes("input[name=ids]", "value").remove(0);
        root.submit(&held, "/lists/dev/queue", &[("ids", &ids), ("decision", decision)]).expect(200);
    }
    let waiting = wait_for("the recipient who was put off", || {
        let queue = command(&hub, &["mail", "queue", "--json"], "");
        let queue: Vec<Value> = serde_json::from_str(&queue).expect("JSON");
        let is_first = |copy: &&Value| copy["subject"].as_str().is_some_and(|subject| subject.contains("Hello m1"));
        let mut later = queue.iter().filter(|copy| copy["address"] == "later@example.org" && copy["tries"] != 0);
        let copy = later.find(is_first)?;
        Some(copy["id"].to_string())
    });
    command(&hub, &["mail", "drop", &waiting], "");
    hub.stop();
    let large = format!("From: ann@example.org\nMessage-ID: <m5@test>\n\n{}", "Hello again\n".repeat(30_000));
    command(&hub, &["mail", "deliver", "--from", "ann@example.org", "--to", "issues@hub.test"], &large);
    damage(&hub);
    hub.run();
    wait_for("the last fate", || hub.log().contains("The stored bytes of this mail are missing.").then_some(()));
    said + &hub.log()
}

fn each_fate_has_its_line(hub: Hub) {
    let log = all_fates(hub);
    for fate in Fate::all() {
        let found = lines(&log, fate, told(fate));
        // What is put off is tried again.
        let again = matches!(fate, Fate::DeferredIn | Fate::DeferredOut);
        assert!(found.len() == 1 || again && !found.is_empty(), "{fate:?}: {found:#?} in\n{log}");
    }
    // What was held and let in, and what a command took.
    for (fate, told) in [
        (Fate::Accepted, ["m2@test", "dev@hub.test", "A moderator let it in."]),
        (Fate::Received, ["m5@test", "issues@hub.test", "command"]),
    ] {
        assert_eq!(lines(&log, fate, told).len(), 1, "{fate:?} {told:?} in\n{log}");
    }
}

fn configured_for_choosy() -> Hub {
    Hub::configured(None, &format!("smarthost = \"smtp://127.0.0.1:{}\"", choosy()))
}

#[test]
fn each_fate_of_a_mail_is_one_line_of_the_log() {
    each_fate_has_its_line(configured_for_choosy());
}

#[test]
fn each_fate_of_a_mail_is_one_line_of_a_log_for_programs() {
    let hub = configured_for_choosy();
    hub.log_as_json();
    each_fate_has_its_line(hub);
}
