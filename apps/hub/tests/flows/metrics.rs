//! What the hub tells a monitor, and whom it does not.

use std::io::{Read, Write};
use std::net::TcpStream;

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
