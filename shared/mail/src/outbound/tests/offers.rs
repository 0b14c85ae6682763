//! What a smarthost offers or refuses decides how a mail goes, and who hears of it.

use super::*;

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

#[tokio::test]
async fn what_is_slipped_in_ahead_of_starttls_is_thrown_away() {
    let (hub, memory) = (hub().await, Memory::default());
    let folder = tempfile::tempdir().unwrap();
    let (config, roots) = inbound::certificate(folder.path());
    let acceptor = inbound::acceptor(&config).unwrap().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        stream.write_all(b"220 ready\r\n").await.unwrap();
        let mut lines = String::new();
        stream.read_line(&mut lines).await.unwrap();
        stream.write_all(b"250-sink\r\n250 STARTTLS\r\n").await.unwrap();
        stream.read_line(&mut lines).await.unwrap();
        assert!(lines.ends_with("STARTTLS\r\n"), "{lines}");
        // Somebody on the way answers the EHLO that will come, before the encryption.
        stream.write_all(b"220 go\r\n250-evil\r\n250 AUTH LOGIN\r\n").await.unwrap();
        let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).await.unwrap());
        let mut said = vec![];
        for answer in ["250-sink\r\n250 AUTH PLAIN\r\n", "421 enough\r\n"] {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            said.push(line);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        said
    };
    let talking = tokio::spawn(talk);
    let mut smarthost = Smarthost::parse(&format!("smtp://u:p@localhost:{port}")).unwrap();
    smarthost.roots = Arc::new(roots);
    queued(&hub, mail(&["a@x.org"])).await;
    let here = Config { domain: "here.test".into(), ..Config::default() };
    send::settle_to(&hub, &memory.boxes(), &here, Some(smarthost)).await.unwrap();
    let said = talking.await.unwrap();
    assert_eq!(said[0], "EHLO here.test\r\n");
    assert!(said[1].starts_with("AUTH PLAIN "), "the offer is the one that was encrypted: {said:?}");
}
