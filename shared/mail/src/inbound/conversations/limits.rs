//! Pipelining, letters beyond ASCII, and how much is taken.

use super::*;

#[tokio::test]
async fn commands_sent_at_once_are_answered_one_by_one() {
    let served = served(Config::default()).await;
    let mut client = Client::connect(served.smtp).await;
    // Two mails in one piece, the second with a recipient that is refused (RFC 2920 section 3.1).
    client
        .send(
            "EHLO x.org\r\nMAIL FROM:<ann@x.org>\r\nRCPT TO:<a@hub.test>\r\nDATA\r\nSubject: 1\r\n\r\none\r\n.\r\n\
             MAIL FROM:<ann@x.org>\r\nRCPT TO:<nobody@hub.test>\r\nRCPT TO:<b@hub.test>\r\nDATA\r\nSubject: 2\r\n\r\ntwo\r\n.\r\n\
             RSET\r\nMAIL FROM:<ann@x.org>\r\nRCPT TO:<nobody@hub.test>\r\nDATA\r\nQUIT\r\n",
        )
        .await;
    for code in [
        "220",
        "250",
        "250",
        "250",
        "354",
        "250",
        "250",
        "550 5.1.1",
        "250",
        "354",
        "250",
        "250",
        "250",
        "550 5.1.1",
        "503 5.5.1",
        "221",
        "(gone)",
    ] {
        client.expect(code).await;
    }
    served.delivered(2).await;
    assert_eq!(served.memory.rcpts(), ["a@hub.test", "b@hub.test"]);
}

#[tokio::test]
async fn letters_beyond_ascii_arrive_as_they_were_sent() {
    let served = served(Config::default()).await;
    let mut client = greeted(served.smtp).await;
    client.ask("MAIL FROM:<j\u{f6}rg@x\u{e4}.org> SMTPUTF8 BODY=8BITMIME", "250").await;
    client.ask("RCPT TO:<\u{e4}rger@hub.test>", "250").await;
    client.ask("DATA", "354").await;
    client.ask("From: J\u{f6}rg <j\u{f6}rg@x\u{e4}.org>\r\nSubject: \u{fc}ber\r\n\r\n\u{a7}\r\n.", "250").await;
    let mail = &served.delivered(1).await[0];
    assert_eq!(served.memory.rcpts(), ["\u{e4}rger@hub.test"]);
    assert_eq!((mail.message.subject.as_str(), mail.message.text().trim_end()), ("\u{fc}ber", "\u{a7}"));
    assert!(String::from_utf8_lossy(&mail.raw).contains("with UTF8SMTP id"));
    // Without SMTPUTF8 the header may still hold such letters: many programs send them so.
    let mut client = greeted(served.smtp).await;
    client.ask("MAIL FROM:<ann@x.org> BODY=8BITMIME", "250").await;
    client.ask("RCPT TO:<a@hub.test>", "250").await;
    client.ask("DATA", "354").await;
    client.send(&b"Subject: caf\xe9 \xc3\xa4\r\n\r\n\xff\xfe\r\n.\r\n"[..]).await;
    client.expect("250").await;
    let mails = served.delivered(2).await;
    assert!(mails[1].raw.ends_with(b"Subject: caf\xe9 \xc3\xa4\r\n\r\n\xff\xfe\r\n"), "the bytes are kept");
    for line in ["MAIL FROM:<j\u{f6}rg@x.org>", "MAIL FROM:<a@x.org> BODY=BINARYMIME", "MAIL FROM:<a@x.org> SIZE="] {
        assert!(!client.ask(line, "5").await.starts_with("500"), "{line}");
    }
}

#[tokio::test]
async fn a_thousand_recipients_are_taken_and_no_more() {
    let served = served(Config::default()).await;
    let (log, _guard) = Log::keep();
    let mut client = Client::connect(served.lmtp).await;
    client.expect("220").await;
    client.ask("LHLO x.org", "250").await;
    client.ask("MAIL FROM:<ann@x.org>", "250").await;
    let all: String = (0..1_003).map(|n| format!("RCPT TO:<r{n}@hub.test>\r\n")).collect();
    client.send(all).await;
    for n in 0..1_003 {
        client.expect(if n < 1_000 { "250 2.1.5" } else { "452 4.5.3" }).await;
    }
    for n in 1_000..1_003 {
        let to = format!("to=\"r{n}@hub.test\"");
        log.line(&["fate=\"refused\"", &to, "452 4.5.3 A mail has at most 1000 recipients"]);
    }
    client.ask("DATA", "354").await;
    client.send("Subject: all\r\n\r\n.\r\n").await;
    for n in 0..1_000 {
        assert!(client.expect("250 2.1.5").await.contains(&format!("r{n}@hub.test")));
    }
    assert_eq!(served.delivered(1_000).await.len(), 1_000);
}

#[tokio::test]
async fn the_size_that_counts_is_the_one_that_comes() {
    let served = served(Config { max_size: Size(1_000), ..Config::default() }).await;
    let mut client = greeted(served.smtp).await;
    // Announced as small and sent as large; then as large as may be.
    for (bytes, code) in [(1_001, "552 5.3.4"), (1_000, "250 2.0.0")] {
        client.ask("MAIL FROM:<ann@x.org> SIZE=5", "250").await;
        client.ask("RCPT TO:<a@hub.test>", "250").await;
        client.ask("DATA", "354").await;
        let body = format!("Subject: x\r\n\r\n{}", "0123456\r\n".repeat(108));
        let rest = "y".repeat(bytes - body.len() - 2);
        client.ask(&format!("{body}{rest}\r\n."), code).await;
    }
    assert_eq!(served.delivered(1).await.len(), 1);
}

#[tokio::test]
async fn lines_of_a_mail_have_the_length_that_the_rfc_gives_them() {
    let served = served(Config::default()).await;
    let mut client = greeted(served.smtp).await;
    for (length, code) in [(998, "250"), (999, "554 5.6.0"), (100_000, "554 5.6.0")] {
        client.ask("MAIL FROM:<ann@x.org>", "250").await;
        client.ask("RCPT TO:<a@hub.test>", "250").await;
        client.ask("DATA", "354").await;
        client.ask(&format!("Subject: x\r\n\r\n{}\r\n.", "z".repeat(length)), code).await;
    }
    let mut client = greeted(served.smtp).await;
    client.ask(&format!("NOOP {}", "x".repeat(2_000)), "250").await;
    client.ask(&format!("NOOP {}", "x".repeat(3_000)), "500").await;
}
