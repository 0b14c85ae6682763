//! From a mail to each member.

use mail::Fate;
use testkit::{form, mail};

use crate::{hub, letter, members, new_list, set, untick};

#[tokio::test]
async fn a_post_reaches_every_member_with_the_fields_of_its_list() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org", "Bob <Bob@Y.org>"]).await;
    let raw =
        b"Received: by mx\r\nFrom: Ann <ann@x.org>\r\nTo: dev@hub.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
                DKIM-Signature: v=1; h=from:subject; b=abc\r\nMessage-ID: <1@x.org>\r\n\r\nHello  \r\nFrom me\r\n";
    assert_eq!(hub.mail_in_raw("ann@x.org", "dev@hub.test", raw).await, Fate::Accepted);
    let sent = hub.outbox().await;
    assert_eq!(sent.count(), 2);
    let bob = sent.to("Bob@Y.org").one();
    assert!(bob.raw.ends_with(raw), "not one byte of the author's may change");
    assert_eq!(bob.copy.envelope_from, "dev-bounces+Bob=Y.org@hub.test");
    let table = [
        ("List-Id", "\"dev\" <dev.hub.test>"),
        ("List-Post", "<mailto:dev@hub.test>"),
        ("List-Owner", "<mailto:dev-owner@hub.test>"),
        ("List-Archive", "<http://hub.test/lists/dev/>"),
        ("Archived-At", "<http://hub.test/lists/dev/1@x.org/>"),
        ("List-Subscribe", "<http://hub.test/lists/dev/join>, <mailto:dev-join@hub.test>"),
    ];
    for (name, value) in table {
        assert_eq!(bob.message.headers(name).collect::<Vec<_>>(), [value], "{name}");
    }
    assert!(bob.header("List-Help").contains("dev-request@hub.test"));
    let page = hub.stranger().get("/lists/dev/1@x.org/").await.expect(200);
    assert_eq!(page.select("h1"), ["Grüße"]);
    assert_eq!(hub.stranger().get("/lists/dev/1@x.org/raw").await.expect(200).body, raw);
}

#[tokio::test]
async fn members_of_a_large_list_may_share_a_copy() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org", "bob@x.org"]).await;
    untick(&admin, "dev", "is_personal").await;
    hub.mail_in(letter("ann@x.org", "hello", "1@x.org", "")).await;
    let sent = hub.outbox().await;
    let (ann, bob) = (sent.to("ann@x.org").one(), sent.to("bob@x.org").one());
    assert_eq!(ann.raw, bob.raw);
    assert_eq!((&*ann.copy.envelope_from, &*bob.copy.envelope_from), ("dev-bounces@hub.test", "dev-bounces@hub.test"));
    assert_eq!(ann.header("List-Unsubscribe"), "<mailto:dev-leave@hub.test>, <http://hub.test/lists/dev/join>");
    assert_eq!(ann.message.headers("List-Unsubscribe-Post").count(), 0, "one click needs a link of one's own");
    // The page that it names lets members leave.
    let page = hub.stranger().get("/lists/dev/join").await.expect(200);
    assert_eq!(page.attributes("form[action='/lists/dev/leave'] input[type=email]", "name"), ["address"]);

    set(&admin, "dev", "is_personal", "1").await;
    hub.mail_in(letter("ann@x.org", "hello again", "2@x.org", "")).await;
    assert_eq!(hub.outbox().await.to("bob@x.org").last().copy.envelope_from, "dev-bounces+bob=x.org@hub.test");
}

#[tokio::test]
async fn fields_of_other_lists_and_spies_never_leave() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    let headers = "List-Id: <other.example>\nArchived-At: <https://evil.example/>\nDisposition-Notification-To: ann@x.org\nApproved: pw\n";
    hub.mail_in(mail! { from: "ann@x.org", to: "dev@hub.test", subject: "x", body: "y", headers: headers }).await;
    let sent = hub.outbox().await.to("ann@x.org").one();
    assert_eq!(sent.message.headers("List-Id").count(), 1);
    assert_eq!(sent.message.headers("Archived-At").count(), 1);
    assert!(
        !sent.text().contains("evil")
            && !sent.text().contains("Disposition-Notification-To")
            && !sent.text().contains("Approved")
    );
}

#[tokio::test]
async fn the_same_mail_is_posted_once_and_a_loop_never() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org", "bob@x.org"]).await;
    for _ in 0..2 {
        hub.mail_in(letter("ann@x.org", "once", "1@x.org", "")).await;
    }
    assert_eq!(hub.outbox().await.count(), 2);
    let copy = hub.outbox().await.0[0].raw.clone();
    assert_eq!(hub.mail_in_raw("bob@x.org", "dev@hub.test", &copy).await, Fate::Accepted);
    let vacation = mail! {
        from: "bob@x.org", to: "dev@hub.test", subject: "Away", body: "until Monday", headers: "Auto-Submitted: auto-replied\n"
    };
    hub.mail_in(vacation).await;
    hub.mail_in_raw("", "dev@hub.test", b"From: MAILER-DAEMON@x.org\r\nTo: dev@hub.test\r\nSubject: failed\r\n\r\nx")
        .await;
    assert_eq!(hub.outbox().await.count(), 2);
    assert_eq!(admin.get("/lists/dev/").await.select("td.title").len(), 1);
}

#[tokio::test]
async fn members_choose_what_comes() {
    let (hub, admin) = hub().await;
    let (ann, bob) = (hub.user("ann").await, hub.user("bob").await);
    members(&admin, "dev", &["ann@example.org", "bob@example.org"]).await;
    ann.post("/lists/dev/membership", form! { address: ann.email(), delivers: "1" }).await.expect(303);
    bob.post(
        "/lists/dev/membership",
        form! { address: bob.email(), delivers: "1", own_posts: "1", no_duplicates: "1" },
    )
    .await;
    let both = mail! { from: ann.email(), to: "dev@hub.test, bob@example.org", subject: "a", body: "b" };
    hub.mail_in_raw(&ann.email(), "dev@hub.test", &both.raw()).await;
    assert_eq!(hub.outbox().await.count(), 0, "ann wants no own posts, bob has got it already");
    hub.mail_in(mail! { from: bob.email(), to: "dev@hub.test", subject: "a", body: "b" }).await;
    assert_eq!(hub.outbox().await.count(), 2);
}

#[tokio::test]
async fn a_prefix_stands_once_where_the_list_wants_it() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    set(&admin, "dev", "subject_prefix", "[dev]").await;
    hub.mail_in(letter("ann@x.org", "crash", "1@x.org", "")).await;
    hub.mail_in(letter("ann@x.org", "Re: [dev] crash", "2@x.org", "1@x.org")).await;
    let subjects: Vec<String> = hub.outbox().await.0.iter().map(|sent| sent.message.subject.clone()).collect();
    assert_eq!(subjects, ["[dev] crash", "Re: [dev] crash"]);
    // The archive keeps what the author wrote.
    assert_eq!(admin.get("/lists/dev/1@x.org/").await.select("h1"), ["crash"]);
}

#[tokio::test]
async fn who_may_not_post_hears_why() {
    let (hub, admin) = hub().await;
    new_list(&admin, "news", "announce").await;
    let to_news = |from: &str| mail! { from: from, to: "news@hub.test", subject: "x", body: "y" };
    hub.mail_in(to_news("ann@x.org")).await;
    let report = hub.outbox().await.to("ann@x.org").one();
    assert!(report.body().contains("Only its moderators write"), "{}", report.text());
    // Anybody can write an administrator's address into a mail.
    members(&admin, "news", &["ann@x.org"]).await;
    hub.mail_in(to_news("root@example.org")).await;
    assert_eq!(admin.get("/lists/news/queue").await.select("tbody tr").len(), 1);
    let posted = admin.post("/lists/news/write", form! { subject: "Release", body: "It is out." }).await.expect(303);
    assert!(admin.follow(posted).await.expect(200).text().contains("It is out."));
    let sent = hub.outbox().await.to("ann@x.org").last();
    assert!(sent.header("List-Post").starts_with("NO"));
    assert_eq!(
        hub.mail_in_raw("a@x.org", "nolist@hub.test", b"x").await,
        hub.mail_in_raw("a@x.org", "nolist@hub.test", b"x").await
    );
    assert!(matches!(hub.mail_in_raw("a@x.org", "nolist@hub.test", b"x").await, Fate::Refused(_)));
}

#[tokio::test]
async fn commit_mail_of_the_hub_is_posted_at_once() {
    let (hub, admin) = hub().await;
    new_list(&admin, "checkins", "announce").await;
    members(&admin, "checkins", &["ann@x.org"]).await;
    let raw = b"From: Bob (via commits) <commits@hub.test>\r\nTo: checkins@hub.test\r\nSubject: Fix crash\r\n\
                Auto-Submitted: auto-generated\r\n\r\nabc1234\r\n";
    let envelope = |via: &str| mail::inbound::Envelope {
        from: "commits@hub.test".into(),
        rcpts: mail::Rcpt::parse("checkins@hub.test").into_iter().collect(),
        via: via.into(),
    };
    // Somebody who only says so is not the hub.
    for (via, posted) in [("smtp", 0), ("hub", 1)] {
        mail::inbound::receive(&hub.hub, &hub.mailboxes, raw, &envelope(via)).await.expect("the spool");
        hub.settle().await;
        let to_ann = hub.outbox().await.to("ann@x.org");
        assert_eq!(to_ann.count(), posted, "{via}");
    }
    assert_eq!(hub.outbox().await.to("ann@x.org").one().header("Auto-Submitted"), "auto-generated");
    // The push that it tells of is a line of the stream; the post is none beside it.
    for (echoes, lines) in [(false, 0), (true, 1)] {
        let wanted = journal::query::Wanted { module: Some("lists".into()), echoes, ..Default::default() };
        let seen = journal::query::stream(&hub.hub.store.read(), &people::Actor::Anonymous, &wanted, 10).await;
        let told = seen.expect("a stream").into_iter().filter(|line| line.text.contains("Fix crash")).count();
        assert_eq!(told, lines, "with echoes: {echoes}");
    }
}

#[tokio::test]
async fn an_answer_on_the_web_is_a_mail_in_the_thread() {
    let (hub, admin) = hub().await;
    let bob = hub.user("bob").await;
    members(&admin, "dev", &["ann@x.org", "bob@example.org"]).await;
    hub.mail_in(letter("ann@x.org", "crash", "1@x.org", "")).await;
    hub.stranger().post("/lists/dev/1@x.org/reply", form! { body: "me too" }).await.expect(401);
    let empty = bob.post("/lists/dev/1@x.org/reply", form! { body: " " }).await.expect(422);
    assert!(empty.text().contains("A post needs a text."));
    let posted = bob.post("/lists/dev/1@x.org/reply", form! { body: "me too\n\u{1F980}" }).await.expect(303);
    let thread = bob.follow(posted).await.expect(200);
    assert_eq!(thread.select("article.message").len(), 2);
    let sent = hub.outbox().await.to("ann@x.org").last();
    assert_eq!((sent.message.subject.as_str(), sent.header("In-Reply-To").as_str()), ("Re: crash", "<1@x.org>"));
    assert_eq!(sent.message.from.address, "bob@example.org");
    assert!(sent.body().contains("\u{1F980}"));
}

#[tokio::test]
async fn ten_thousand_members_are_queued_quickly() {
    let (hub, admin) = hub().await;
    let many: Vec<String> = (0..10_000).map(|n| format!("m{n}@x.org")).collect();
    for chunk in many.chunks(2_000) {
        members(&admin, "dev", &chunk.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let before = hub.hub.store.queries();
    hub.mail_in(letter("m1@x.org", "to all", "1@x.org", "")).await;
    let queries = hub.hub.store.queries() - before;
    assert!(queries < 80, "{queries} statements for one post");
    let counts = mail::outbound::counts(&hub.hub.store.read()).await.expect("counts");
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 10_000);
}
