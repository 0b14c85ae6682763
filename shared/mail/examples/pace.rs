//! How fast mail is taken and sent, on loopback: `cargo run --release -p guildhall-mail --example pace`.
//!
//! Takes 20,000 mails of 2 KB over LMTP on 20 connections, each on the disk before its reply; then sends one mail to
//! 10,000 recipients, and one to 10,000 with a sender and a token each, to a sink that pipelines.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use guildhall_mail as mail;
use kernel::{Clock, Hub, Settings, Templates, Theme};
use mail::inbound::{self, Listeners, Mailboxes};
use mail::outbound::{self, OutboxFilter};
use mail::{Accepts, Config, Failure, Fate, Inbound, Mailbox, Personal, Raw, Rcpt, Recipient, Relay, ReturnPath};
use store::{Store, StoreError, Tx};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const MAILS: usize = 20_000;
const CONNECTIONS: usize = 20;
const RCPTS: usize = 10_000;

struct Everything;

#[async_trait]
impl Mailbox for Everything {
    fn name(&self) -> &'static str {
        "everything"
    }
    async fn accepts(&self, _: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        Ok(if rcpt.domain == "hub.test" { Accepts::Mine } else { Accepts::NotMine })
    }
    async fn deliver(&self, _: &Tx, _: &Rcpt, _: &Inbound) -> Result<Fate, Failure> {
        Ok(Fate::Accepted)
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let data = tempfile::tempdir_in(std::env::var("PACE_DIR").unwrap_or_else(|_| ".".into()))?;
    let hub = hub(data.path()).await?;
    let boxes = Mailboxes::new([Arc::new(Everything) as Arc<dyn Mailbox>]);
    let sink = Sink::open().await?;
    let config = Config {
        domain: "hub.test".into(),
        smtp: String::new(),
        lmtp: "127.0.0.1:0".into(),
        smarthost: Some(format!("smtp://127.0.0.1:{}", sink.port)),
        ..Config::default()
    };
    let stop = jobs::Stop::new();
    let listeners = Listeners::bind(&config).await?;
    let lmtp = listeners.lmtp().ok_or("no listener")?;
    let serving = tokio::spawn(inbound::serve(hub.clone(), boxes.clone(), listeners, config.clone(), stop.clone()));
    let sending = tokio::spawn(outbound::run(hub.clone(), boxes.clone(), config, stop.clone()));
    take(lmtp).await?;
    let began = Instant::now();
    while !inbound::inbox(&hub.store.read(), &waiting()).await?.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("delivered after another {:.3} s", began.elapsed().as_secs_f64());
    for personal in [false, true, false, true] {
        fan_out(&hub, &sink, personal).await?;
    }
    first_byte(&hub, &sink).await?;
    stop.cancel();
    serving.await?;
    sending.await?;
    Ok(())
}

fn waiting() -> inbound::InboxFilter {
    inbound::InboxFilter { state: Some(inbound::InboxState::Waiting), limit: 1, ..Default::default() }
}

async fn hub(data: &std::path::Path) -> Outcome<Hub> {
    let store = Store::open("sqlite", data, Clock::machine()).await?;
    migrations::up(store.migrating()).await?;
    let settings = Settings {
        name: "Pace".into(),
        tagline: String::new(),
        url: "https://hub.test".into(),
        mail_domain: "hub.test".into(),
        timezone: "UTC".into(),
        data: data.to_owned(),
        secret: vec![7; 32],
        node: "test".into(),
    };
    let templates = Templates::load(Theme::load(None)?, store.clock().clone())?;
    Ok(Hub::new(store, settings, templates))
}

async fn take(lmtp: std::net::SocketAddr) -> Outcome<()> {
    let began = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for n in 0..CONNECTIONS {
        clients.spawn(async move {
            let stream = TcpStream::connect(lmtp).await?;
            stream.set_nodelay(true)?;
            let mut stream = BufReader::new(stream);
            expect(&mut stream, "220").await?;
            stream.write_all(b"LHLO pace\r\n").await?;
            expect(&mut stream, "250").await?;
            for m in 0..MAILS / CONNECTIONS {
                stream.write_all(b"MAIL FROM:<ann@x.org>\r\nRCPT TO:<dev@hub.test>\r\nDATA\r\n").await?;
                for code in ["250", "250", "354"] {
                    expect(&mut stream, code).await?;
                }
                let head = format!("From: ann@x.org\r\nMessage-ID: <{n}.{m}@x.org>\r\nSubject: pace\r\n\r\n");
                stream
                    .write_all(format!("{head}{}.\r\n", "0123456789abcdef0123456789abcde\r\n".repeat(60)).as_bytes())
                    .await?;
                expect(&mut stream, "250").await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    let took = began.elapsed().as_secs_f64();
    println!("LMTP accept, synced, 2 KB, {CONNECTIONS} connections: {:.0} mails/s", MAILS as f64 / took);
    Ok(())
}

async fn expect(stream: &mut BufReader<TcpStream>, code: &str) -> Outcome<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if !line.starts_with(code) {
            return Err(format!("expected {code}, got {line:?}").into());
        }
        if line.as_bytes()[3] == b' ' {
            return Ok(());
        }
    }
}

async fn fan_out(hub: &Hub, sink: &Sink, personal: bool) -> Outcome<()> {
    let before = sink.rcpts.load(Ordering::Relaxed);
    let rcpts =
        (0..RCPTS).map(|n| Recipient { address: format!("member{n}@x.org"), token: Some(format!("token{n:016}")) });
    let unsubscribe = vec![
        ("List-Unsubscribe".to_owned(), "<https://hub.test/u/{token}>".to_owned()),
        ("List-Unsubscribe-Post".to_owned(), "List-Unsubscribe=One-Click".to_owned()),
    ];
    let bounces = "dev-bounces@hub.test".to_owned();
    let relay = Relay {
        raw: Raw::Bytes(
            format!("From: ann@x.org\r\nSubject: hi\r\n\r\n{}", "0123456789abcdef\r\n".repeat(110)).into_bytes(),
        ),
        headers: vec![("List-Id".into(), "<dev.hub.test>".into())],
        personal: personal.then_some(Personal { headers: unsubscribe }),
        envelope_from: if personal { ReturnPath::Verp(bounces) } else { ReturnPath::To(bounces) },
        rcpts: rcpts.collect(),
        message_id: "1@x.org".into(),
        subject: "hi".into(),
        about: "list/dev".into(),
    };
    let began = Instant::now();
    let tx = hub.store.write().await?;
    outbound::queue_raw(&tx, relay).await?;
    tx.commit().await?;
    let queued = began.elapsed().as_secs_f64();
    while sink.rcpts.load(Ordering::Relaxed) < before + RCPTS {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let sent = began.elapsed().as_secs_f64();
    let waiting = OutboxFilter { state: Some(outbound::State::Waiting), limit: 1, ..OutboxFilter::default() };
    while !outbound::outbox(&hub.store.read(), &waiting).await?.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let noted = began.elapsed().as_secs_f64();
    println!(
        "fan-out{} to {RCPTS}: queued in {queued:.3} s, sent after {sent:.3} s ({:.0} recipients/s), written down after {noted:.3} s",
        if personal { ", personal," } else { "" },
        RCPTS as f64 / sent,
    );
    Ok(())
}

async fn first_byte(hub: &Hub, sink: &Sink) -> Outcome<()> {
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = sink.rcpts.load(Ordering::Relaxed);
        let tx = hub.store.write().await?;
        let mail = mail::Outgoing {
            from: mail::Address::new("", "hub@hub.test"),
            rcpts: vec![Recipient::new("a@x.org")],
            ..mail::Outgoing::default()
        };
        outbound::queue(&tx, mail).await?;
        tx.commit().await?;
        let began = Instant::now();
        while sink.rcpts.load(Ordering::Relaxed) == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        slowest = slowest.max(began.elapsed());
    }
    println!("commit to sink, at rest: at most {} ms", slowest.as_millis());
    Ok(())
}

/// A smarthost that takes everything.
struct Sink {
    rcpts: Arc<AtomicUsize>,
    port: u16,
}

impl Sink {
    async fn open() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let rcpts = Arc::new(AtomicUsize::new(0));
        let count = rcpts.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(swallow(stream, count.clone()));
            }
        });
        Ok(Self { rcpts, port })
    }
}

async fn swallow(stream: TcpStream, count: Arc<AtomicUsize>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    stream.write_all(b"220 sink\r\n").await.ok()?;
    let (mut line, mut out, mut rcpts) = (Vec::new(), Vec::new(), 0);
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        match line.first()? {
            b'E' => out.extend_from_slice(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"),
            b'D' => {
                out.extend_from_slice(b"354 go\r\n");
                stream.write_all(&out).await.ok()?;
                out.clear();
                while line != b".\r\n" {
                    line.clear();
                    stream.read_until(b'\n', &mut line).await.ok()?;
                }
                count.fetch_add(rcpts, Ordering::Relaxed);
                rcpts = 0;
                out.extend_from_slice(b"250 2.0.0 ok\r\n");
            }
            b'R' => {
                rcpts += usize::from(line.starts_with(b"RCPT"));
                out.extend_from_slice(b"250 2.1.5 ok\r\n");
            }
            _ => out.extend_from_slice(b"250 2.1.0 ok\r\n"),
        }
        if stream.buffer().is_empty() {
            stream.write_all(&out).await.ok()?;
            out.clear();
        }
    }
}
