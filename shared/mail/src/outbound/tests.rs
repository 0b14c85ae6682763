//! Sending, to a smarthost that does as it is told.

mod offers;

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
async fn fates(hub: &TestHub) -> Vec<(String, State, i64)> {
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
    assert_eq!((copy.state, copy.tries), (State::Waiting, 0));
    assert!(copy.due_at.unwrap() <= hub.now() + Span::minutes(1), "it leaves soon after the smarthost is back");
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
