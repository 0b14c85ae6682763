//! Conversations with the listeners, over real connections.

use std::net::SocketAddr;
use std::sync::Arc;

use jobs::Stop;
use testkit::Log;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::*;
use crate::testing::{Memory, TestHub, hub};
use crate::{Config, Size};

mod limits;
mod slow;
mod wishes;

/// A hub that listens.
struct Served {
    hub: TestHub,
    memory: Memory,
    smtp: SocketAddr,
    lmtp: SocketAddr,
    stop: Stop,
    task: tokio::task::JoinHandle<()>,
}

async fn served(config: Config) -> Served {
    let (hub, memory, stop) = (hub().await, Memory::default(), Stop::new());
    let config = Config { domain: "hub.test".into(), smtp: "127.0.0.1:0".into(), lmtp: "127.0.0.1:0".into(), ..config };
    let listeners = Listeners::bind(&config).await.unwrap();
    let (smtp, lmtp) = (listeners.smtp().unwrap(), listeners.lmtp().unwrap());
    let task = tokio::spawn(serve(hub.hub.clone(), memory.boxes(), listeners, config, stop.clone()));
    Served { hub, memory, smtp, lmtp, stop, task }
}

impl Served {
    /// Waits until so many recipients have got something.
    async fn delivered(&self, count: usize) -> Vec<Inbound> {
        let mut bell = self.hub.store.bell(BELL);
        for _ in 0..200 {
            if self.memory.rcpts().len() >= count {
                break;
            }
            let _ = tokio::time::timeout(std::time::Duration::from_millis(25), bell.changed()).await;
        }
        self.memory.mails()
    }
}

use crate::Inbound;

struct Client<S>(BufReader<S>);

impl Client<TcpStream> {
    async fn connect(to: SocketAddr) -> Self {
        Client(BufReader::new(TcpStream::connect(to).await.unwrap()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The next reply, all its lines.
    async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap() == 0 {
                return reply + "(gone)";
            }
            assert!(line.ends_with("\r\n") && line.len() <= 512, "{line:?}");
            let last = line.as_bytes()[3] == b' ';
            reply.push_str(&line);
            if last {
                return reply;
            }
        }
    }

    /// Sends a line, and expects a reply that begins so.
    async fn ask(&mut self, line: &str, expected: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        self.expect(expected).await
    }

    async fn expect(&mut self, expected: &str) -> String {
        let reply = self.reply().await;
        assert!(reply.starts_with(expected), "expected {expected}, got {reply}");
        reply
    }
}

async fn greeted(to: SocketAddr) -> Client<TcpStream> {
    let mut client = Client::connect(to).await;
    client.expect("220 hub.test ESMTP").await;
    client.ask("EHLO x.org", "250-hub.test").await;
    client
}

#[tokio::test]
async fn a_mail_over_smtp_arrives_with_its_received_field() {
    let served = served(Config::default()).await;
    let mut client = Client::connect(served.smtp).await;
    client.expect("220 ").await;
    let offered = client.ask("EHLO x.org", "250-hub.test").await;
    for word in ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 25000000", "ENHANCEDSTATUSCODES"] {
        assert!(offered.contains(word), "{offered}");
    }
    assert!(!offered.contains("STARTTLS"));
    client.ask("MAIL FROM:<ann@x.org> SIZE=100 BODY=8BITMIME", "250 2.1.0").await;
    client.ask("RCPT TO:<a@hub.test>", "250 2.1.5").await;
    client.ask("DATA", "354 ").await;
    client.send("Subject: h\u{e4}\r\n\r\n..dot\r\n.\r\n").await;
    client.expect("250 2.0.0 Kept as ").await;
    // Before the 250 it was on the disk.
    assert_eq!(inbox(&served.hub.store.read(), &InboxFilter::default()).await.unwrap().len(), 1);
    client.ask("QUIT", "221 2.0.0").await;
    let mail = &served.delivered(1).await[0];
    let raw = String::from_utf8(mail.raw.to_vec()).unwrap();
    assert!(raw.starts_with("Received: from x.org ([127.0.0.1])\r\n\tby hub.test (Guildhall) with ESMTP id "), "{raw}");
    assert!(raw.ends_with("+0000\r\nSubject: h\u{e4}\r\n\r\n.dot\r\n"), "{raw}");
    assert_eq!(mail.envelope_from, "ann@x.org");
}

#[tokio::test]
async fn recipients_are_refused_at_the_door() {
    let served = served(Config::default()).await;
    let mut client = greeted(served.smtp).await;
    let (log, _guard) = Log::keep();
    client.ask("RCPT TO:<a@hub.test>", "503 5.5.1").await;
    client.ask("MAIL FROM:<ann>", "501 5.1.7").await;
    client.ask("MAIL FROM:<\u{e4}@x.org>", "553 5.6.7").await;
    client.ask("MAIL FROM:<ann@x.org> AUTH=<>", "555 5.5.4").await;
    client.ask("MAIL FROM:<ann@x.org> SIZE=25000001", "552 5.3.4").await;
    client.ask("MAIL FROM:<>", "250").await;
    client.ask("DATA", "503 5.5.1").await;
    client.ask("RCPT TO:<nobody@hub.test>", "550 5.1.1 There is no mailbox nobody@hub.test here.").await;
    client.ask("RCPT TO:<a@elsewhere.org>", "550 5.1.1").await;
    client.ask("RCPT TO:<closed@hub.test>", "550 5.7.1 The list is closed.").await;
    client.ask("RCPT TO:<broken@hub.test>", "451 4.3.0").await;
    client.ask("RCPT TO:<\u{e4}@hub.test>", "553 5.6.7").await;
    client.ask("RCPT TO:<a@>", "501 5.1.3").await;
    for (from, to, reply) in [
        ("ann", "", "501 5.1.7 ann is not a mail address."),
        ("\u{e4}@x.org", "", "553 5.6.7"),
        ("ann@x.org", "", "555 5.5.4 The parameter AUTH=<> is not known here."),
        ("ann@x.org", "", "552 5.3.4 The mail is too large; 25 MB is the most that is taken here."),
        ("", "nobody@hub.test", "550 5.1.1"),
        ("", "a@elsewhere.org", "550 5.1.1"),
        ("", "closed@hub.test", "550 5.7.1"),
        ("", "broken@hub.test", "451 4.3.0"),
        ("", "\u{e4}@hub.test", "553 5.6.7"),
        ("", "a@", "501 5.1.3"),
    ] {
        let (from, to) = (format!("from=\"{from}\""), format!("to=\"{to}\""));
        log.line(&["fate=\"refused\"", &from, &to, &format!("reply=\"{reply}"), "(127.0.0.1)"]);
    }
    assert_eq!(log.text().matches("fate=").count(), 10, "{}", log.text());
    client.ask("RCPT TO:<Postmaster>", "250 2.1.5").await;
    client.ask("DATA", "354").await;
    client.ask("to the postmaster\r\n.", "250 2.0.0").await;
    let kept = inbox(&served.hub.store.read(), &InboxFilter::default()).await.unwrap();
    assert_eq!((kept[0].state, kept[0].address.as_str()), (InboxState::Kept, "Postmaster@hub.test"));
}

#[tokio::test]
async fn lmtp_answers_for_each_recipient() {
    let served = served(Config::default()).await;
    let mut client = Client::connect(served.lmtp).await;
    client.expect("220 hub.test LMTP").await;
    client.ask("EHLO x", "500 5.5.1").await;
    client.ask("HELO x", "500 5.5.1").await;
    client.ask("LHLO x", "250-hub.test").await;
    client
        .send("MAIL FROM:<ann@x.org>\r\nRCPT TO:<a@hub.test>\r\nRCPT TO:<nobody@hub.test>\r\nRCPT TO:<b@hub.test>\r\n")
        .await;
    client.send("RCPT TO:<a@hub.test>\r\nDATA\r\nhello: there\r\n\r\n.\r\nNOOP\r\n").await;
    for code in ["250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5", "250 2.1.5", "354 "] {
        client.expect(code).await;
    }
    for rcpt in ["a@hub.test", "b@hub.test", "a@hub.test"] {
        assert!(client.expect("250 2.1.5 Kept as ").await.contains(rcpt));
    }
    client.expect("250 2.0.0").await;
    served.delivered(2).await;
    assert_eq!(served.memory.rcpts(), ["a@hub.test", "b@hub.test"]);
    let mut other = greeted(served.smtp).await;
    other.ask("LHLO x", "500 5.5.1").await;
}

#[tokio::test]
async fn smuggled_mails_are_refused_whole() {
    let served = served(Config::default()).await;
    for smuggled in ["\n.\nMAIL FROM:<x@y.org>\r\n", "\r\n.\nMAIL FROM:<x@y.org>\r\n", "\n.\r\nMAIL FROM:<x@y.org>\r\n"]
    {
        let mut client = greeted(served.smtp).await;
        client.ask("MAIL FROM:<ann@x.org>", "250").await;
        client.ask("RCPT TO:<a@hub.test>", "250").await;
        client.ask("DATA", "354").await;
        client.send(format!("Subject: x\r\n\r\nbody{smuggled}RCPT TO:<b@hub.test>\r\nDATA\r\nevil\r\n.\r\n")).await;
        client.expect("554 5.5.2").await;
        assert_eq!(client.reply().await, "(gone)");
    }
    let mut client = greeted(served.smtp).await;
    client.send("NOOP\nNOOP\r\n").await;
    client.expect("500 5.5.2").await;
    client.expect("250").await;
    assert!(inbox(&served.hub.store.read(), &InboxFilter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    let served = served(Config { max_size: Size(2_000), max_connections: 2, ..Config::default() }).await;
    let (log, _guard) = Log::keep();
    let mut client = greeted(served.smtp).await;
    client.ask("MAIL FROM:<a@x.org> SIZE=2001", "552 5.3.4 The mail is too large; 2 KB is the most").await;
    client.ask("MAIL FROM:<a@x.org> SIZE=10", "250").await;
    client.ask("MAIL FROM:<a@x.org>", "503").await;
    client.ask("RCPT TO:<a@hub.test>", "250").await;
    client.ask("DATA", "354").await;
    client.ask(&format!("{}.", "0123456789\r\n".repeat(200)), "552 5.3.4").await;
    client.ask("MAIL FROM:<a@x.org>", "250").await;
    client.ask("RCPT TO:<a@hub.test>", "250").await;
    client.ask("DATA", "354").await;
    client.ask(&format!("{}\r\n.", "x".repeat(999)), "554 5.6.0").await;
    let _second = greeted(served.smtp).await;
    Client::connect(served.smtp).await.expect("421 4.7.0 Too many connections").await;
    for _ in 0..15 {
        client.ask("WHAT", "500").await;
    }
    client.ask("WHAT", "500").await;
    client.expect("421 4.7.0").await;
    client.expect("(gone)").await;
    log.line(&["a mail session is closed: it made too many errors, 20 and"]);
}

#[tokio::test]
async fn mails_that_are_refused_again_and_again_end_the_session() {
    let served = served(Config::default()).await;
    let (log, _guard) = Log::keep();
    let mut client = greeted(served.smtp).await;
    for _ in 0..20 {
        client.send("MAIL FROM:<a@x.org>\r\nRCPT TO:<a@hub.test>\r\nDATA\r\n").await;
        for code in ["250", "250", "354"] {
            client.expect(code).await;
        }
        client.ask(&format!("{}\r\n.", "x".repeat(999)), "554 5.6.0").await;
    }
    client.expect("421 4.7.0").await;
    client.expect("(gone)").await;
    log.line(&["a mail session is closed: it made too many errors, 20 and"]);
}

#[tokio::test]
async fn an_endless_line_ends_the_session() {
    let served = served(Config::default()).await;
    let mut client = greeted(served.smtp).await;
    client.send("x".repeat(5_000)).await;
    client.expect("500 5.5.2 The line is too long.").await;
}

#[tokio::test]
async fn a_hub_that_cannot_keep_says_so() {
    let served = served(Config::default()).await;
    let mut client = Client::connect(served.lmtp).await;
    client.expect("220").await;
    client.ask("LHLO x", "250").await;
    client.ask("MAIL FROM:<a@x.org>", "250").await;
    client.ask("RCPT TO:<a@hub.test>", "250").await;
    client.ask("RCPT TO:<b@hub.test>", "250").await;
    client.ask("DATA", "354").await;
    served.hub.store.close().await;
    client.send("x: y\r\n\r\n.\r\n").await;
    client.expect("451 4.3.0").await;
    client.expect("451 4.3.0").await;
}

#[tokio::test]
async fn a_stopping_hub_says_goodbye() {
    let served = served(Config::default()).await;
    let mut client = greeted(served.smtp).await;
    served.stop.cancel();
    client.expect("421 4.3.2").await;
    served.task.await.unwrap();
}

#[tokio::test]
async fn many_sessions_share_a_commit_and_lose_nothing() {
    let served = Arc::new(served(Config::default()).await);
    let mut clients = tokio::task::JoinSet::new();
    for n in 0..20 {
        let lmtp = served.lmtp;
        clients.spawn(async move {
            let mut client = Client::connect(lmtp).await;
            client.expect("220").await;
            client.ask("LHLO x", "250").await;
            for m in 0..10 {
                client.send(format!("MAIL FROM:<s{n}@x.org>\r\nRCPT TO:<r{m}@hub.test>\r\nDATA\r\n")).await;
                for code in ["250", "250", "354"] {
                    client.expect(code).await;
                }
                client.ask(&format!("Message-ID: <{n}.{m}@x.org>\r\n\r\n."), "250").await;
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    let mails = served.delivered(200).await;
    assert_eq!(mails.len(), 200);
    for (rcpt, mail) in served.memory.0.lock().unwrap().iter() {
        let (n, m) = mail.message.message_id.trim_end_matches("@x.org").split_once('.').unwrap();
        assert_eq!((format!("r{m}@hub.test"), format!("s{n}@x.org")), (rcpt.clone(), mail.envelope_from.clone()));
    }
}

/// A certificate for `hub.test` in files, and a client that believes it.
pub(crate) fn certificate(folder: &std::path::Path) -> (Config, rustls::RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["hub.test".to_owned(), "localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let file = |path: std::path::PathBuf| path.display().to_string();
    (Config { tls_cert: file(cert), tls_key: file(key), ..Config::default() }, roots)
}

#[tokio::test]
async fn starttls_forgets_what_was_said_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let (config, roots) = certificate(folder.path());
    let served = served(config).await;
    let mut client = greeted(served.smtp).await;
    client.ask("MAIL FROM:<plain@x.org>", "250").await;
    // A command that somebody slipped in before the handshake must not be carried out after it.
    client.send("STARTTLS\r\nRSET\r\nMAIL FROM:<slipped@x.org>\r\n").await;
    client.expect("220 2.0.0").await;
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("hub.test").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(tls)).connect(name, client.0.into_inner()).await.unwrap();
    let mut client = Client(BufReader::new(stream));
    client.ask("MAIL FROM:<a@x.org>", "503 5.5.1 Greet first.").await;
    let offered = client.ask("EHLO x.org", "250-hub.test").await;
    assert!(!offered.contains("STARTTLS"));
    client.ask("STARTTLS", "503").await;
    client.ask("MAIL FROM:<a@x.org>", "250").await;
    client.ask("RCPT TO:<a@hub.test>", "250").await;
    client.ask("DATA", "354").await;
    client.ask("x: y\r\n\r\nsecret\r\n.", "250").await;
    let raw = String::from_utf8(served.delivered(1).await[0].raw.to_vec()).unwrap();
    assert!(raw.contains("with ESMTPS id"), "{raw}");
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_told_with_its_key() {
    let config =
        Config { tls_cert: "/nonexistent.pem".into(), tls_key: "/nonexistent.pem".into(), ..Config::default() };
    let error = Listeners::bind(&config).await.err().unwrap().to_string();
    assert!(error.contains("mail.tls_cert") && error.contains("/nonexistent.pem"), "{error}");
    let config = Config { smtp: "127.0.0.1:99999".into(), ..Config::default() };
    assert!(Listeners::bind(&config).await.err().unwrap().to_string().contains("mail.smtp"));
}
