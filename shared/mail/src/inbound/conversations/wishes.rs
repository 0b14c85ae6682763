//! What a sender wants to be told (RFC 3461), from the wire to the report.

use super::*;
use crate::outbound::{OutboxFilter, outbox, rendered};
use crate::{Message, report};

/// The reports that wait to go out: to whom, and the mail.
async fn reports(served: &Served) -> Vec<(String, Message, String)> {
    let read = served.hub.store.read();
    let mut found = vec![];
    for copy in outbox(&read, &OutboxFilter::default()).await.unwrap() {
        let raw = rendered(&served.hub.store, copy.id).await.unwrap().unwrap();
        found.push((copy.address, Message::parse(&raw), String::from_utf8_lossy(&raw).into_owned()));
    }
    found.reverse();
    found
}

/// Sends a mail with these parameters behind MAIL and to these recipients, and waits until it is handed over.
async fn sent(served: &Served, from: &str, parameters: &str, rcpts: &[&str]) {
    let mut client = greeted(served.smtp).await;
    client.ask(&format!("MAIL FROM:<{from}>{parameters}"), "250").await;
    for rcpt in rcpts {
        client.ask(&format!("RCPT TO:{rcpt}"), "250").await;
    }
    client.ask("DATA", "354").await;
    client.ask("From: ann@x.org\r\nSubject: wishes\r\nMessage-ID: <1@x.org>\r\n\r\nthe whole body\r\n.", "250").await;
    for _ in 0..2000 {
        let kept = inbox(&served.hub.store.read(), &InboxFilter::default()).await.unwrap();
        if kept.iter().all(|kept| kept.state != InboxState::Waiting) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the mail is not handed over");
}

#[tokio::test]
async fn an_arrival_is_told_to_who_asked_for_it_and_once() {
    let served = served(Config::default()).await;
    let mut client = Client::connect(served.smtp).await;
    client.expect("220").await;
    assert!(client.ask("EHLO x.org", "250-hub.test").await.contains("DSN"));
    let asked = "<a@hub.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Ann+2Blist@hub.test";
    sent(&served, "ann@x.org", " RET=FULL ENVID=QQ+2B314", &[asked, "<b@hub.test>", "<Postmaster> NOTIFY=SUCCESS"])
        .await;
    let told = reports(&served).await;
    assert_eq!(told.len(), 2, "b was not asked about");
    for (to, message, raw) in &told {
        assert_eq!((to.as_str(), message.subject.as_str()), ("ann@x.org", "Your mail has arrived"));
        assert_eq!(report::read(message)[0].action, report::Action::Delivered);
        assert!(raw.contains("\r\nOriginal-Envelope-Id: QQ+314\r\n"), "{raw}");
        assert!(!raw.contains("the whole body"), "an arrival brings no mail back");
    }
    let of_a = told.iter().find(|(_, _, raw)| raw.contains("Final-Recipient: rfc822; a@hub.test")).unwrap();
    assert!(of_a.2.contains("\r\nOriginal-Recipient: rfc822; Ann+list@hub.test\r\n"), "{}", of_a.2);
}

#[tokio::test]
async fn a_failure_is_told_as_the_sender_wants_it() {
    for (parameters, notify, whole) in [
        ("", "", Some(false)),
        (" RET=FULL", "", Some(true)),
        (" RET=HDRS", " NOTIFY=FAILURE", Some(false)),
        (" RET=FULL", " NOTIFY=SUCCESS", None),
        ("", " NOTIFY=NEVER", None),
    ] {
        let served = served(Config::default()).await;
        sent(&served, "ann@x.org", parameters, &[&format!("<refuse@hub.test>{notify}")]).await;
        let told = reports(&served).await;
        assert_eq!(told.len(), usize::from(whole.is_some()), "{parameters}{notify}");
        if let (Some(whole), Some((_, message, raw))) = (whole, told.first()) {
            assert_eq!(report::read(message)[0].action, report::Action::Failed);
            assert_eq!(raw.contains("the whole body"), whole, "{parameters}: {raw}");
            assert_eq!(raw.contains("Content-Type: message/rfc822"), whole, "{parameters}: {raw}");
        }
    }
}

#[tokio::test]
async fn a_null_sender_is_told_nothing_whatever_it_asks() {
    let served = served(Config::default()).await;
    sent(&served, "", "", &["<a@hub.test> NOTIFY=SUCCESS", "<refuse@hub.test> NOTIFY=FAILURE"]).await;
    assert!(reports(&served).await.is_empty());
}
