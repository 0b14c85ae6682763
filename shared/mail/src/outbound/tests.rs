//! Sending, to a smarthost that does as it is told.
//!
//! Longer than other files: the conversations share one scripted smarthost and read best in one place.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Duration as Span;
use jobs::Stop;
use sea_orm::ConnectionTrait;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::inbound;
use crate::testing::{Memory, TestHub, hub};
use crate::{Address, Config, Message, Outgoing, Recipient, ReturnPath, report};

/// A mail that the smarthost took: its sender with parameters, its recipients, its bytes.
type Took = (String, Vec<String>, String);

/// A smarthost that answers by the recipient: `no…` is refused with 550, `later…` put off with 451, `close…` answered
/// with 421 and hung up, `slow…` not answered at all; a sender `bad…` is refused, a body with `REFUSE` too.
#[derive(Clone, Default)]
struct Sink {
    took: Arc<Mutex<Vec<Took>>>,
    connections: Arc<Mutex<usize>>,
    extensions: Vec<&'static str>,
    port: u16,
}

impl Sink {
    async fn open(extensions: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sink = Self { extensions: extensions.to_vec(), port, ..Self::default() };
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *serving.connections.lock().unwrap() += 1;
                let sink = serving.clone();
                tokio::spawn(async move { sink.talk(stream).await });
            }
        });
        sink
    }

    fn config(&self) -> Config {
        let smarthost = Some(format!("smtp://127.0.0.1:{}", self.port));
        Config { domain: "hub.test".into(), smarthost, connections_out: 1, ..Config::default() }
    }

    fn took(&self) -> Vec<Took> {
        self.took.lock().unwrap().clone()
    }

    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let (mut from, mut rcpts) = (String::new(), Vec::new());
        stream.write_all(b"220-sink\r\n220 ready\r\n").await.ok()?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            let answer = match line.split(':').next()? {
                hello if hello.starts_with("EHLO") => {
                    let lines: String = self.extensions.iter().map(|word| format!("250-{word}\r\n")).collect();
                    format!("250-sink\r\n{lines}250 HELP")
                }
                "MAIL FROM" if line.contains("<bad") => "550 5.1.8 Bad sender".into(),
                "MAIL FROM" => {
                    (from, rcpts) = (line["MAIL FROM:".len()..].to_owned(), Vec::new());
                    "250 2.1.0 ok".into()
                }
                "RCPT TO" if from.is_empty() => "503 5.5.1 no sender".into(),
                "RCPT TO" => match &line["RCPT TO:<".len()..line.len() - 1] {
                    no if no.starts_with("no") => "550 5.1.1 No such user".into(),
                    later if later.starts_with("later") => "451 4.2.1 Busy".into(),
                    close if close.starts_with("close") => {
                        stream.write_all(b"421 4.3.2 Going down\r\n").await.ok()?;
                        return None;
                    }
                    slow if slow.starts_with("slow") => std::future::pending().await,
                    rcpt => {
                        rcpts.push(rcpt.to_owned());
                        "250 2.1.5 ok".into()
                    }
                },
                "DATA" if rcpts.is_empty() => "554 5.5.1 no recipients".into(),
                "DATA" => {
                    stream.write_all(b"354 go\r\n").await.ok()?;
                    let mut body = String::new();
                    while !body.ends_with("\r\n.\r\n") {
                        stream.read_line(&mut body).await.ok()?;
                    }
                    body.truncate(body.len() - 3);
                    if body.contains("REFUSE") {
                        "554 5.7.1 Not this".into()
                    } else {
                        self.took.lock().unwrap().push((from.clone(), rcpts.clone(), body));
                        "250 2.0.0 taken".into()
                    }
                }
                "RSET" => {
                    (from, rcpts) = (String::new(), Vec::new());
                    "250 2.0.0 ok".into()
                }
                // `u` and `p`, as RFC 4616 and the LOGIN of old write them.
                "AUTH PLAIN AHUAcA==" => "235 2.7.0 come in".into(),
                "AUTH LOGIN" => {
                    let mut said = vec![];
                    for _ in 0..2 {
                        stream.write_all(b"334 \r\n").await.ok()?;
                        let mut word = String::new();
                        stream.read_line(&mut word).await.ok()?;
                        said.push(word);
                    }
                    if said == ["dQ==\r\n", "cA==\r\n"] { "235 2.7.0 come in" } else { "535 5.7.8 no" }.into()
                }
                auth if auth.starts_with("AUTH ") => "535 5.7.8 no".into(),
                "QUIT" => "221 bye".into(),
                _ => "500 what?".into(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }
}

const ALL: &[&str] = &["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1000000"];

fn mail(rcpts: &[&str]) -> Outgoing {
    Outgoing {
        from: Address::new("Hub", "hub@hub.test"),
        to: vec![Address::new("", "you@x.org")],
        subject: "hello".into(),
        text: "body".into(),
        envelope_from: ReturnPath::To("bounces@hub.test".into()),
        rcpts: rcpts.iter().map(|rcpt| Recipient::new(*rcpt)).collect(),
        about: "test".into(),
        ..Outgoing::default()
    }
}

async fn queued(hub: &TestHub, mail: Outgoing) -> OutgoingId {
    let tx = hub.store.write().await.unwrap();
    let id = queue(&tx, mail).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

async fn relayed(hub: &TestHub, relay: Relay) -> OutgoingId {
    let tx = hub.store.write().await.unwrap();
    let id = queue_raw(&tx, relay).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

/// What became of each recipient, oldest first.
async fn fates(hub: &TestHub) -> Vec<(String, State, i32)> {
    let mut copies = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap();
    copies.reverse();
    copies.into_iter().map(|copy| (copy.address, copy.state, copy.tries)).collect()
}

#[tokio::test]
async fn each_recipient_has_a_fate_of_their_own() {
    for extensions in [ALL, &[]] {
        let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(extensions).await);
        queued(&hub, mail(&["a@x.org", "no@x.org", "later@x.org", "b@y.org", "not an address"])).await;
        assert_eq!(settle(&hub, &memory.boxes(), &sink.config()).await.unwrap(), 1);
        let (from, rcpts, body) = sink.took().remove(0);
        assert!(from.starts_with("<bounces@hub.test>") && from.contains("SIZE=") != extensions.is_empty(), "{from}");
        assert_eq!(rcpts, ["a@x.org", "b@y.org"]);
        assert!(body.contains("Subject: hello\r\n"));
        let fate = |rcpt: &str, state, tries| (rcpt.to_owned(), state, tries);
        let expected = [
            fate("a@x.org", State::Sent, 1),
            fate("no@x.org", State::Failed, 1),
            fate("later@x.org", State::Waiting, 1),
            fate("b@y.org", State::Sent, 1),
            fate("not an address", State::Failed, 1),
        ];
        assert_eq!(fates(&hub).await, expected);
        let read = hub.store.read();
        let failed = OutboxFilter { state: Some(State::Failed), ..OutboxFilter::default() };
        assert_eq!(outbox(&read, &failed).await.unwrap()[1].reply, "550 5.1.1 No such user");
        assert_eq!(counts(&read).await.unwrap()[..3], [(State::Waiting, 1), (State::Sent, 2), (State::Failed, 2)]);
        // What was put off is tried again, with the same Message-ID, and to nobody else.
        assert_eq!(settle(&hub, &memory.boxes(), &sink.config()).await.unwrap(), 0);
        let tx = hub.store.write().await.unwrap();
        tx.execute_unprepared("UPDATE mail_out_rcpt SET address = 'then@x.org' WHERE state = 'waiting'").await.unwrap();
        tx.commit().await.unwrap();
        hub.clock.advance(Span::minutes(2));
        assert_eq!(settle(&hub, &memory.boxes(), &sink.config()).await.unwrap(), 1);
        let again = sink.took().remove(1);
        assert_eq!((again.1, again.2), (vec!["then@x.org".to_owned()], body));
    }
}

#[tokio::test]
async fn what_fails_for_good_comes_back_to_the_mailbox_that_sent_it() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    let boxes = memory.boxes();
    let verp = ReturnPath::Verp("dev-bounces@hub.test".into());
    queued(&hub, Outgoing { envelope_from: verp, ..mail(&["no1@x.org", "no2@x.org", "a@x.org"]) }).await;
    queued(&hub, mail(&["no3@x.org", "no4@x.org"])).await;
    queued(&hub, Outgoing { envelope_from: ReturnPath::Null, ..mail(&["no5@x.org"]) }).await;
    queued(&hub, Outgoing { envelope_from: ReturnPath::To("ann@z.org".into()), ..mail(&["no6@x.org"]) }).await;
    settle(&hub, &boxes, &sink.config()).await.unwrap();
    inbound::deliver_pending(&hub, &boxes).await.unwrap();
    let mut rcpts = memory.rcpts();
    rcpts.sort_unstable();
    assert_eq!(rcpts, ["bounces@hub.test", "dev-bounces+no1=x.org@hub.test", "dev-bounces+no2=x.org@hub.test"]);
    for inbound in memory.mails() {
        assert!(inbound.is_automatic() && inbound.envelope_from.is_empty());
        let reports = report::read(&inbound.message);
        assert!(reports.iter().all(|report| report.is_permanent() && report.status == "5.1.1"), "{reports:?}");
        assert!(inbound.message.attachments.iter().any(|part| part.content_type == "text/rfc822-headers"));
    }
    let of_two = memory.mails().into_iter().find(|mail| report::read(&mail.message).len() == 2).unwrap();
    assert_eq!(report::read(&of_two.message)[1].recipient, "no4@x.org");
    // The sender elsewhere is told by mail.
    let told = sink.took().into_iter().find(|(from, _, _)| from.starts_with("<> ")).unwrap();
    assert_eq!(told.1, ["ann@z.org"]);
    assert_eq!(report::read(&Message::parse(told.2.as_bytes()))[0].recipient, "no6@x.org");
}

#[tokio::test]
async fn a_refused_sender_or_body_is_the_fate_of_all() {
    for extensions in [ALL, &[]] {
        let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(extensions).await);
        queued(&hub, Outgoing { envelope_from: ReturnPath::To("bad@h.org".into()), ..mail(&["a@x.org"]) }).await;
        queued(&hub, Outgoing { text: "REFUSE".into(), ..mail(&["b@x.org", "no@x.org"]) }).await;
        queued(&hub, mail(&["c@x.org"])).await;
        settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
        let failed = OutboxFilter { state: Some(State::Failed), about: Some("test".into()), ..OutboxFilter::default() };
        let replies: Vec<_> =
            outbox(&hub.store.read(), &failed).await.unwrap().into_iter().map(|copy| copy.reply).collect();
        assert_eq!(replies, ["550 5.1.1 No such user", "554 5.7.1 Not this", "550 5.1.8 Bad sender"]);
        assert_eq!(sink.took()[0].1, ["c@x.org"]);
    }
}

#[tokio::test]
async fn a_hang_up_in_between_loses_nothing() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    queued(&hub, mail(&["a@x.org"])).await;
    queued(&hub, mail(&["b@x.org", "close@x.org", "c@x.org"])).await;
    settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    let fates = fates(&hub).await;
    assert_eq!(fates[0].1, State::Sent);
    assert!(fates[1..].iter().all(|(_, state, tries)| (*state, *tries) == (State::Waiting, 1)), "{fates:?}");
    assert_eq!(sink.took().len(), 1);
    // The used connection got a second chance with a fresh one.
    assert_eq!(*sink.connections.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_silent_smarthost_is_not_waited_for_for_ever() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    queued(&hub, mail(&["slow@x.org"])).await;
    let mut smarthost = Smarthost::of(&sink.config()).unwrap().unwrap();
    smarthost.patience = Duration::from_millis(50);
    send::settle_to(&hub, &memory.boxes(), &sink.config(), Some(smarthost)).await.unwrap();
    let copy = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().remove(0);
    assert_eq!((copy.state, copy.reply.as_str()), (State::Waiting, "The smarthost was silent for too long."));
    assert!(copy.due_at.unwrap() > hub.now());
}

#[tokio::test]
async fn a_dead_smarthost_puts_off_and_at_last_gives_up() {
    let (hub, memory) = (hub().await, Memory::default());
    let config =
        Config { domain: "hub.test".into(), smarthost: Some("smtp://127.0.0.1:1".into()), ..Config::default() };
    queued(&hub, mail(&["a@x.org", "b@x.org"])).await;
    settle(&hub, &memory.boxes(), &config).await.unwrap();
    let copy = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().remove(0);
    assert!(copy.reply.starts_with("The smarthost 127.0.0.1:1 cannot be reached"), "{}", copy.reply);
    assert_eq!(copy.state, State::Waiting);
    for _ in 0..8 {
        hub.clock.advance(Span::days(1));
        settle(&hub, &memory.boxes(), &config).await.unwrap();
    }
    assert!(fates(&hub).await.iter().all(|(_, state, _)| *state == State::Failed));
    inbound::deliver_pending(&hub, &memory.boxes()).await.unwrap();
    assert_eq!(report::read(&memory.mails()[0].message)[0].status, "5.4.7");
}

#[tokio::test]
async fn a_fan_out_is_one_blob_in_batches_of_fifty() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    let raw = b"Received: x\r\nFrom: ann@x.org\r\nSubject: hi\r\n\r\n.body\r\n".to_vec();
    let id = relayed(
        &hub,
        Relay {
            raw: Raw::Bytes(raw),
            headers: vec![
                ("List-Id".into(), "Dev <dev.hub.test>".into()),
                ("List-Post".into(), "<mailto:dev@hub.test>".into()),
            ],
            personal: None,
            envelope_from: ReturnPath::To("dev-bounces@hub.test".into()),
            rcpts: (0..120).map(|n| Recipient::new(format!("r{n}@x.org"))).collect(),
            message_id: "1@x.org".into(),
            subject: "hi".into(),
            about: "list/dev".into(),
        },
    )
    .await;
    settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    let took = sink.took();
    assert_eq!(took.iter().map(|(_, rcpts, _)| rcpts.len()).collect::<Vec<_>>(), [50, 50, 20]);
    let expected = "List-Id: Dev <dev.hub.test>\r\nList-Post: <mailto:dev@hub.test>\r\n\
                    Received: x\r\nFrom: ann@x.org\r\nSubject: hi\r\n\r\n..body\r\n";
    assert!(took.iter().all(|(_, _, body)| body == expected), "{}", took[0].2);
    assert_eq!(*sink.connections.lock().unwrap(), 1);
    let of_this = OutboxFilter { mail: Some(id), limit: 500, ..OutboxFilter::default() };
    let copies = outbox(&hub.store.read(), &of_this).await.unwrap();
    assert!(copies.len() == 120 && copies.iter().all(|copy| copy.state == State::Sent));
}

#[tokio::test]
async fn a_personal_copy_has_its_own_sender_and_token() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    let rcpt = |address: &str, token: &str| Recipient { address: address.into(), token: Some(token.into()) };
    let id = relayed(
        &hub,
        Relay {
            raw: Raw::Bytes(b"Subject: hi {token}\r\n\r\nbody {token}\r\n".to_vec()),
            headers: vec![("List-Id".into(), "{token} <dev.hub.test>".into())],
            personal: Some(Personal {
                headers: vec![
                    ("List-Unsubscribe".into(), "<https://hub.test/u/{token}>, <mailto:x+{verp}@hub.test>".into()),
                    ("List-Unsubscribe-Post".into(), "List-Unsubscribe=One-Click".into()),
                ],
            }),
            envelope_from: ReturnPath::Verp("dev-bounces@hub.test".into()),
            rcpts: vec![rcpt("ann@x.org", "t1"), rcpt("bob@y.org", "{address}\r\nBcc: evil@z.org")],
            message_id: "1@x.org".into(),
            subject: "hi".into(),
            about: "list/dev".into(),
        },
    )
    .await;
    settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    let took = sink.took();
    assert!(took[0].0.starts_with("<dev-bounces+ann=x.org@hub.test>"));
    assert_eq!(
        took[0].2,
        "List-Unsubscribe: <https://hub.test/u/t1>, <mailto:x+ann=x.org@hub.test>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Id: {token} <dev.hub.test>\r\n\
         Subject: hi {token}\r\n\r\nbody {token}\r\n"
    );
    let second = Message::parse(took[1].2.as_bytes());
    assert_eq!(second.header("bcc"), None);
    assert!(second.header("list-unsubscribe").unwrap().contains("/u/{address}"));
    let of_this = OutboxFilter { mail: Some(id), ..OutboxFilter::default() };
    let copies = outbox(&hub.store.read(), &of_this).await.unwrap();
    assert_eq!(copies[1].envelope_from, "dev-bounces+ann=x.org@hub.test");
    let bytes = rendered(&hub.store, copies[1].id).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), took[0].2);
}

#[tokio::test]
async fn without_a_smarthost_nothing_leaves_and_later_it_does() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    let boxes = memory.boxes();
    let nowhere = Config { smarthost: None, ..sink.config() };
    queued(&hub, mail(&["a@x.org", "dev@hub.test", "nobody@hub.test"])).await;
    settle(&hub, &boxes, &nowhere).await.unwrap();
    assert_eq!(settle(&hub, &boxes, &nowhere).await.unwrap(), 0);
    // Mailboxes of this hub get theirs all the same.
    inbound::deliver_pending(&hub, &boxes).await.unwrap();
    assert_eq!(memory.rcpts()[0], "dev@hub.test");
    assert_eq!(memory.mails()[0].message.subject, "hello");
    let states: Vec<_> = fates(&hub).await.into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(states, [State::Waiting, State::Sent, State::Failed]);
    let stop = Stop::new();
    let running = tokio::spawn(run(hub.hub.clone(), boxes.clone(), sink.config(), stop.clone()));
    until(|| sink.took().len() == 1).await;
    queued(&hub, mail(&["b@x.org"])).await;
    until(|| sink.took().len() == 2).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(sink.took()[1].1, ["b@x.org"]);
    assert!(fates(&hub).await.iter().all(|(_, state, _)| *state != State::Waiting));
}

async fn until(done: impl Fn() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

#[tokio::test]
async fn the_administrator_retries_and_drops() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    let boxes = memory.boxes();
    queued(&hub, mail(&["later@x.org", "later2@x.org", "a@x.org"])).await;
    settle(&hub, &boxes, &sink.config()).await.unwrap();
    let copies = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap();
    let tx = hub.store.write().await.unwrap();
    assert!(retry(&tx, copies[2].id).await.unwrap());
    assert!(drop(&tx, copies[1].id).await.unwrap());
    assert!(!retry(&tx, copies[0].id).await.unwrap() && !drop(&tx, copies[0].id).await.unwrap());
    assert!(!retry(&tx, 999).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(settle(&hub, &boxes, &sink.config()).await.unwrap(), 1);
    let states: Vec<_> = fates(&hub).await.into_iter().map(|(_, state, tries)| (state, tries)).collect();
    assert_eq!(states, [(State::Waiting, 1), (State::Dropped, 1), (State::Sent, 1)]);
}

#[tokio::test]
async fn two_hubs_send_each_mail_once() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    for n in 0..100 {
        queued(&hub, mail(&[&format!("r{n}@x.org")])).await;
    }
    let (boxes, config) = (memory.boxes(), sink.config());
    let (one, two) = tokio::join!(settle(&hub, &boxes, &config), settle(&hub, &boxes, &config));
    assert_eq!(one.unwrap() + two.unwrap(), 100);
    let mut rcpts: Vec<_> = sink.took().into_iter().flat_map(|(_, rcpts, _)| rcpts).collect();
    rcpts.sort_unstable();
    rcpts.dedup();
    assert_eq!((rcpts.len(), sink.took().len()), (100, 100));
}

#[tokio::test]
async fn addresses_beyond_ascii_need_smtputf8() {
    let (hub, memory) = (hub().await, Memory::default());
    let sink = Sink::open(&["PIPELINING"]).await;
    queued(&hub, mail(&["\u{e4}@x.org", "a@x.org"])).await;
    settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    let copies =
        outbox(&hub.store.read(), &OutboxFilter { about: Some("test".into()), ..Default::default() }).await.unwrap();
    assert_eq!((copies[0].state, copies[1].state), (State::Sent, State::Failed));
    assert!(copies[1].reply.starts_with("553 5.6.7"));
    let sink = Sink::open(ALL).await;
    queued(&hub, mail(&["\u{f6}@x.org"])).await;
    settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    assert!(sink.took()[0].0.ends_with(" SMTPUTF8"), "{}", sink.took()[0].0);
}

#[tokio::test]
async fn a_mail_beyond_the_size_of_the_smarthost_fails_at_once() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(&["SIZE 100"]).await);
    queued(&hub, mail(&["a@x.org"])).await;
    settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    let copy =
        outbox(&hub.store.read(), &OutboxFilter { state: Some(State::Failed), ..Default::default() }).await.unwrap();
    assert!(copy[0].reply.starts_with("552 5.3.4"), "{}", copy[0].reply);
}

#[tokio::test]
async fn the_hubs_own_listener_takes_what_the_client_sends_over_tls() {
    let (hub, memory, stop) = (hub().await, Memory::default(), Stop::new());
    let folder = tempfile::tempdir().unwrap();
    let (tls, roots) = inbound::certificate(folder.path());
    let config = Config { domain: "other.test".into(), smtp: "127.0.0.1:0".into(), lmtp: String::new(), ..tls };
    let listeners = inbound::Listeners::bind(&config).await.unwrap();
    let port = listeners.smtp().unwrap().port();
    let other = crate::testing::hub().await;
    let boxes = memory.boxes();
    tokio::spawn(inbound::serve(other.hub.clone(), boxes.clone(), listeners, config, stop.clone()));
    let here = Config { domain: "here.test".into(), ..Config::default() };
    let to_other = |url: String| {
        let mut smarthost = Smarthost::parse(&url).unwrap();
        smarthost.roots = Arc::new(roots.clone());
        smarthost
    };
    // STARTTLS with a certificate that is checked; the listener then offers no AUTH, which is told.
    let with_password = to_other(format!("smtp://u:p@localhost:{port}"));
    queued(&hub, mail(&["dev@elsewhere.test"])).await;
    send::settle_to(&hub, &boxes, &here, Some(with_password)).await.unwrap();
    let copy = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().remove(0);
    assert!(copy.reply.contains("does not know the user or the password"), "{}", copy.reply);
    let unknown = Smarthost::parse(&format!("smtp://u:p@localhost:{port}")).unwrap();
    hub.clock.advance(Span::hours(1));
    send::settle_to(&hub, &boxes, &here, Some(unknown)).await.unwrap();
    let copy = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().remove(0);
    assert!(copy.reply.contains("TLS with the smarthost") && copy.state == State::Waiting, "{}", copy.reply);
    let plain = to_other(format!("smtp://127.0.0.1:{port}"));
    queued(&hub, Outgoing { text: "line\n.dot\n".into(), ..mail(&["postmaster@elsewhere.test"]) }).await;
    send::settle_to(&hub, &boxes, &here, Some(plain)).await.unwrap();
    let kept = inbound::inbox(&other.store.read(), &inbound::InboxFilter::default()).await.unwrap();
    let raw = inbound::raw(&other.store, kept[0].mail).await.unwrap().unwrap();
    assert!(Message::parse(&raw).text().contains("\r\n.dot\r\n"));
    stop.cancel();
}

#[tokio::test]
async fn a_mailbox_of_this_hub_hears_of_its_mail_at_once() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    let boxes = memory.boxes();
    queued(
        &hub,
        Outgoing { envelope_from: ReturnPath::Verp("b@hub.test".into()), ..mail(&["dev@HUB.test", "no@x.org"]) },
    )
    .await;
    settle(&hub, &boxes, &sink.config()).await.unwrap();
    inbound::deliver_pending(&hub, &boxes).await.unwrap();
    let mut rcpts = memory.rcpts();
    rcpts.sort_unstable();
    assert_eq!(rcpts, ["b+no=x.org@hub.test", "dev@hub.test"]);
    let dev = memory.mails().into_iter().find(|mail| !mail.envelope_from.is_empty()).unwrap();
    assert_eq!(dev.envelope_from, "b+dev=HUB.test@hub.test");
}

#[tokio::test]
async fn large_mails_take_their_turn() {
    let hub = hub().await;
    for rcpt in ["a@x.org", "b@x.org", "c@x.org"] {
        queued(&hub, mail(&[rcpt])).await;
    }
    let tx = hub.store.write().await.unwrap();
    tx.execute_unprepared("UPDATE mail_out SET size = 30000000").await.unwrap();
    tx.commit().await.unwrap();
    let places = Arc::new(tokio::sync::Semaphore::new(claim::PLACES));
    let free = || std::iter::from_fn(|| places.clone().try_acquire_owned().ok()).collect();
    let first = claim::claim(&hub, free(), vec![]).await.unwrap();
    assert_eq!(first.len(), 2);
    assert_eq!(places.available_permits(), claim::PLACES - 62);
    assert!(claim::claim(&hub, free(), vec![]).await.unwrap().is_empty());
    std::mem::drop(first);
    assert_eq!(claim::claim(&hub, free(), vec![]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_smarthost_that_talks_nonsense_is_told_and_tried_again() {
    for nonsense in [&b"\xff\xfe\r\n"[..], b"999 no such code\r\n", b"220?\r\n", b"hello\r\n", &[b'x'; 40_000], b""] {
        let (hub, memory) = (hub().await, Memory::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let smarthost = Some(format!("smtp://{}", listener.local_addr().unwrap()));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(nonsense).await;
            }
        });
        queued(&hub, mail(&["a@x.org"])).await;
        let config = Config { domain: "hub.test".into(), smarthost, ..Config::default() };
        settle(&hub, &memory.boxes(), &config).await.unwrap();
        let copy = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().remove(0);
        assert_eq!(copy.state, State::Waiting, "{nonsense:?}");
        assert!(copy.reply.contains("smarthost"), "{}", copy.reply);
    }
}

#[tokio::test]
async fn what_the_smarthost_offers_decides_how_a_mail_goes() {
    let body = "gr\u{fc}n";
    for (extensions, eight_bit, utf8) in [
        (&["PIPELINING", "8BITMIME", "SMTPUTF8"][..], true, true),
        (&["8BITMIME"], true, false),
        (&["SMTPUTF8"], false, true),
        (&[], false, false),
    ] {
        let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(extensions).await);
        let raw = format!("From: ann@x.org\r\nSubject: \u{fc}ber\r\n\r\n{body}\r\n").into_bytes();
        relayed(
            &hub,
            Relay {
                raw: Raw::Bytes(raw),
                headers: vec![],
                personal: None,
                envelope_from: ReturnPath::To("bounces@hub.test".into()),
                rcpts: vec![Recipient::new("a@x.org")],
                message_id: "1@x.org".into(),
                subject: "x".into(),
                about: "test".into(),
            },
        )
        .await;
        settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
        let (from, _, took) = sink.took().remove(0);
        assert_eq!((from.contains(" BODY=8BITMIME"), from.contains(" SMTPUTF8")), (eight_bit, utf8), "{from}");
        assert!(took.contains("Subject: \u{fc}ber\r\n") && took.ends_with("gr\u{fc}n\r\n"), "{took}");
    }
}

#[tokio::test]
async fn a_null_sender_is_never_told_and_others_once() {
    let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(ALL).await);
    queued(&hub, Outgoing { envelope_from: ReturnPath::Null, ..mail(&["no1@x.org"]) }).await;
    let far = ReturnPath::To("ann@z.org".into());
    queued(&hub, Outgoing { envelope_from: far, ..mail(&["no2@x.org", "later@x.org", "a@x.org"]) }).await;
    for _ in 0..3 {
        settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
        inbound::deliver_pending(&hub, &memory.boxes()).await.unwrap();
        hub.clock.advance(Span::hours(1));
    }
    let told: Vec<Took> = sink.took().into_iter().filter(|(from, _, _)| from.starts_with("<> ")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1, ["ann@z.org"]);
    let named: Vec<String> =
        report::read(&Message::parse(told[0].2.as_bytes())).into_iter().map(|report| report.recipient).collect();
    assert_eq!(named, ["no2@x.org"], "who was put off is not reported yet");
    // The report on a report that fails goes nowhere.
    queued(&hub, Outgoing { envelope_from: ReturnPath::To("nobody@z.org".into()), ..mail(&["no3@x.org"]) }).await;
    for _ in 0..3 {
        settle(&hub, &memory.boxes(), &sink.config()).await.unwrap();
    }
    assert_eq!(sink.took().iter().filter(|(from, _, _)| from.starts_with("<> ")).count(), 1);
    let copies = outbox(&hub.store.read(), &OutboxFilter { limit: 100, ..OutboxFilter::default() }).await.unwrap();
    let reports = copies.iter().filter(|copy| copy.about == "mail/report").count();
    assert_eq!(reports, 2, "one to ann, one to nobody@z.org that failed, none about that");
}

#[tokio::test]
async fn a_password_is_shown_in_the_way_that_is_offered() {
    for (offered, password, sent) in [
        ("AUTH PLAIN LOGIN", "p", true),
        ("AUTH LOGIN", "p", true),
        ("AUTH PLAIN", "q", false),
        ("AUTH LOGIN", "q", false),
    ] {
        let (hub, memory, sink) = (hub().await, Memory::default(), Sink::open(&[offered]).await);
        let smarthost = Some(format!("smtp://u:{password}@127.0.0.1:{}", sink.port));
        queued(&hub, mail(&["a@x.org"])).await;
        settle(&hub, &memory.boxes(), &Config { smarthost, ..sink.config() }).await.unwrap();
        let copy = outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().remove(0);
        assert_eq!(copy.state, if sent { State::Sent } else { State::Waiting }, "{offered} {}", copy.reply);
        assert!(sent || copy.reply.contains("does not know the user or the password"), "{}", copy.reply);
    }
}
