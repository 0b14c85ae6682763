use chrono::Duration;

use super::*;
use crate::outbound::{self, OutboxFilter};
use crate::testing::{Memory, envelope, hub};
use crate::{Message, Rcpt, report};

const MAIL: &[u8] = b"From: ann@x.org\r\nMessage-ID: <1@x.org>\r\nSubject: hi\r\n\r\nbody\r\n";

#[tokio::test]
async fn a_kept_mail_reaches_its_mailbox_once_for_each_recipient() {
    let (hub, memory) = (hub().await, Memory::default());
    let boxes = memory.boxes();
    let to = envelope("ann@x.org", &["a@hub.test", "b@HUB.test", "nobody@hub.test", "closed@hub.test"]);
    let got = receive(&hub, &boxes, MAIL, &to).await.unwrap();
    assert_eq!(got.refused.len(), 2);
    assert_eq!(got.refused[0].why, "There is no mailbox nobody@hub.test here.");
    assert_eq!(memory.rcpts(), [""; 0]);
    assert_eq!(deliver_pending(&hub, &boxes).await.unwrap(), 2);
    assert_eq!(deliver_pending(&hub, &boxes).await.unwrap(), 0);
    assert_eq!(memory.rcpts(), ["a@hub.test", "b@hub.test"]);
    let mail = &memory.mails()[0];
    assert_eq!((&mail.raw[..], mail.envelope_from.as_str()), (MAIL, "ann@x.org"));
    assert_eq!(mail.message.subject, "hi");
    assert_eq!(raw(&hub.store, got.id.unwrap()).await.unwrap().unwrap(), MAIL);
    // Whoever handed it in hears that it was taken; the sender hears of the others.
    let out = outbound::outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap();
    let [copy] = &out[..] else { panic!("{out:?}") };
    let bytes = outbound::rendered(&hub.store, copy.id).await.unwrap().unwrap();
    let said = report::read(&Message::parse(&bytes)).into_iter();
    let said: Vec<_> = said.map(|one| (one.recipient, one.status, one.diagnostic)).collect();
    let row = |rcpt: &str, status: &str, why: &str| (rcpt.to_owned(), status.to_owned(), why.to_owned());
    assert_eq!(
        said,
        [
            row("nobody@hub.test", "5.1.1", "There is no mailbox nobody@hub.test here."),
            row("closed@hub.test", "5.7.1", "The list is closed."),
        ]
    );
    let states: Vec<_> = inbox(&hub.store.read(), &InboxFilter::default()).await.unwrap();
    assert!(states.iter().all(|row| row.state == InboxState::Done && row.mailbox == "memory"));
}

#[tokio::test]
async fn mail_for_nobody_is_not_kept() {
    let (hub, memory) = (hub().await, Memory::default());
    let got = receive(&hub, &memory.boxes(), MAIL, &envelope("", &["nobody@hub.test"])).await.unwrap();
    assert_eq!(got.id, None);
    assert!(got.refused[0].is_unknown);
    assert!(outbound::outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().is_empty());
    assert!(inbox(&hub.store.read(), &InboxFilter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_late_refusal_is_told_to_the_sender() {
    let (hub, memory) = (hub().await, Memory::default());
    let boxes = memory.boxes();
    receive(&hub, &boxes, MAIL, &envelope("ann@x.org", &["refuse@hub.test", "a@hub.test"])).await.unwrap();
    deliver_pending(&hub, &boxes).await.unwrap();
    assert_eq!(memory.rcpts(), ["a@hub.test"]);
    let out = outbound::outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap();
    let [copy] = &out[..] else { panic!("{out:?}") };
    assert_eq!((copy.address.as_str(), copy.envelope_from.as_str()), ("ann@x.org", ""));
    let bytes = outbound::rendered(&hub.store, copy.id).await.unwrap().unwrap();
    let said = report::read(&Message::parse(&bytes));
    assert_eq!((said[0].recipient.as_str(), said[0].diagnostic.as_str()), ("refuse@hub.test", "Members only."));
}

#[tokio::test]
async fn robots_and_null_senders_get_no_report() {
    let (hub, memory) = (hub().await, Memory::default());
    let boxes = memory.boxes();
    let robot = b"From: ann@x.org\r\nAuto-Submitted: auto-replied\r\n\r\nI am away\r\n";
    receive(&hub, &boxes, robot, &envelope("ann@x.org", &["refuse@hub.test"])).await.unwrap();
    receive(&hub, &boxes, MAIL, &envelope("", &["refuse@hub.test"])).await.unwrap();
    deliver_pending(&hub, &boxes).await.unwrap();
    assert!(outbound::outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().is_empty());
    let refused = InboxFilter { state: Some(InboxState::Refused), ..InboxFilter::default() };
    assert_eq!(inbox(&hub.store.read(), &refused).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_failing_mailbox_is_tried_again_and_harms_no_other() {
    let (hub, memory) = (hub().await, Memory::default());
    let boxes = memory.boxes();
    for rcpt in ["a@hub.test", "fail@hub.test", "later@hub.test", "panic@hub.test", "b@hub.test"] {
        receive(&hub, &boxes, MAIL, &envelope("ann@x.org", &[rcpt])).await.unwrap();
    }
    deliver_pending(&hub, &boxes).await.unwrap();
    let mut got = memory.rcpts();
    got.dedup();
    assert_eq!(got.last().unwrap(), "b@hub.test");
    let waiting = InboxFilter { state: Some(InboxState::Waiting), ..InboxFilter::default() };
    let rows = inbox(&hub.store.read(), &waiting).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.tries == 1 && !row.reply.is_empty()), "{rows:?}");
    // Nothing is tried before its time; each pause is longer than the one before; the sender is told at the end.
    assert_eq!(deliver_pending(&hub, &boxes).await.unwrap(), 0);
    for _ in 0..20 {
        hub.clock.advance(Duration::hours(5));
        deliver_pending(&hub, &boxes).await.unwrap();
    }
    assert!(inbox(&hub.store.read(), &waiting).await.unwrap().is_empty());
    assert_eq!(outbound::outbox(&hub.store.read(), &OutboxFilter::default()).await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_administrator_hands_over_again_and_puts_away() {
    let (hub, memory) = (hub().await, Memory::default());
    let boxes = memory.boxes();
    receive(&hub, &boxes, MAIL, &envelope("", &["refuse@hub.test", "postmaster@hub.test"])).await.unwrap();
    deliver_pending(&hub, &boxes).await.unwrap();
    let rows = inbox(&hub.store.read(), &InboxFilter::default()).await.unwrap();
    assert_eq!((rows[0].state, rows[1].state), (InboxState::Kept, InboxState::Refused));
    let tx = hub.store.write().await.unwrap();
    assert!(retry(&tx, rows[1].id).await.unwrap());
    assert!(drop(&tx, rows[0].id).await.unwrap());
    assert!(!drop(&tx, rows[0].id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(deliver_pending(&hub, &boxes).await.unwrap(), 1);
}

#[tokio::test]
async fn postmaster_is_known_at_any_domain() {
    let (hub, memory) = (hub().await, Memory::default());
    let route = memory.boxes().route(&hub, &Rcpt::parse("PostMaster@elsewhere.org").unwrap()).await.unwrap();
    assert_eq!(route, Route::Postmaster);
}
