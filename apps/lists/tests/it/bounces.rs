//! Mail that comes back.

use chrono::Duration;
use testkit::{TestHub, form, mail};

use crate::{hub, letter, members};

fn report(status: &str, recipient: &str, reason: &str) -> Vec<u8> {
    format!(
        "From: MAILER-DAEMON@mx.test\r\nSubject: failed\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {reason}\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}

async fn bounce(hub: &TestHub, status: &str, reason: &str) {
    hub.mail_in_raw("", "dev-bounces+ann=x.org@hub.test", &report(status, "ann@elsewhere.org", reason)).await;
}

#[tokio::test]
async fn delivery_stops_after_bounces_on_several_days_and_the_member_turns_it_on_again() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org", "bob@x.org"]).await;
    for _ in 0..10 {
        bounce(&hub, "5.1.1", "550 no such user").await;
    }
    assert!(admin.get("/lists/dev/members").await.text().contains("score 1"), "once a day at most");
    for _ in 0..4 {
        hub.wait(Duration::days(1));
        bounce(&hub, "5.1.1", "550 no such user").await;
    }
    assert!(admin.get("/lists/dev/members").await.text().contains("bounces"));
    let notice = hub.outbox().await.to("ann@x.org").one();
    assert!(notice.body().contains("550 no such user") && notice.copy.envelope_from.is_empty());
    assert!(hub.outbox().await.to("root").last().copy.subject.contains("ann@x.org"));
    hub.mail_in(letter("bob@x.org", "hello", "1@x.org", "")).await;
    assert_eq!(hub.outbox().await.to("ann@x.org").count(), 1);
    let link = notice.link("/lists/confirm/").replace("http://hub.test", "");
    hub.stranger().post(&link, form! {}).await.expect(303);
    hub.mail_in(letter("bob@x.org", "again", "2@x.org", "")).await;
    assert_eq!(hub.outbox().await.to("ann@x.org").last().copy.subject, "again");
    assert!(!admin.get("/lists/dev/members").await.text().contains("score"));
}

#[tokio::test]
async fn nobody_is_thrown_off_for_somebody_elses_policy() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    for _ in 0..8 {
        bounce(&hub, "5.7.1", "550 rejected by the DMARC policy of y.org").await;
        bounce(&hub, "4.4.7", "timed out").await;
        let vacation = b"From: ann@x.org\r\nSubject: away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n";
        hub.mail_in_raw("", "dev-bounces+ann=x.org@hub.test", vacation).await;
        hub.wait(Duration::days(1));
    }
    let page = admin.get("/lists/dev/members").await.text();
    assert!(!page.contains("score") && !page.contains("bounces<"));
    assert_eq!(hub.outbox().await.count(), 0);
}

#[tokio::test]
async fn quiet_days_forgive_and_strangers_count_nothing() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    for _ in 0..3 {
        bounce(&hub, "5.1.1", "gone").await;
        hub.wait(Duration::days(8));
    }
    assert!(admin.get("/lists/dev/members").await.text().contains("score 1"));
    // Without VERP the report itself names the member; an unknown one makes no mail.
    hub.mail_in_raw("", "dev-bounces@hub.test", &report("5.1.1", "ANN@x.org", "gone")).await;
    hub.mail_in_raw("", "dev-bounces@hub.test", &report("5.1.1", "nobody@x.org", "gone")).await;
    assert_eq!(hub.outbox().await.count(), 0);
    hub.mail_in(mail! { from: "ann@x.org", to: "dev-bounces@hub.test", subject: "hi", body: "I am no bounce" }).await;
    assert_eq!(hub.outbox().await.count(), 0);
}
