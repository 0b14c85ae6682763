//! Issues by mail: new ones, answers, the nosy list, moderation.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{form, hub, hub_like_roundup};
use mail::Fate;
use sea_orm::ConnectionTrait;

use testkit::Letter;

fn letter(from: &str, to: &str, subject: &str, body: &str) -> Letter {
    Letter { from: from.into(), to: to.into(), subject: subject.into(), body: body.into(), ..Letter::default() }
}

#[tokio::test]
async fn a_mail_files_an_issue_and_an_answer_by_mail_reaches_the_nosy_list() {
    let hub = hub().await;
    let (ann, bob) = (hub.user("ann").await, hub.user("bob").await);
    let first = Letter {
        message_id: "first@ann".into(),
        ..letter(
            "Ann <ann@example.org>",
            "issues@hub.test",
            "Crash on start [priority=urgent]",
            "It crashes.\n-- \nAnn",
        )
    };
    hub.mail_in(first).await;
    hub.settle().await;
    assert_eq!(hub.outbox().await.count(), 0, "the author is not told of their own words");
    let page = ann.get("/issues/1").await.expect(200);
    assert_eq!(page.select("h1"), ["Crash on start #1"]);
    bob.post("/issues/1/follow", vec![]).await;
    ann.post("/issues/1", form(&[("message", "It still crashes.")])).await;
    hub.settle().await;
    let told = hub.outbox().await.one();
    assert_eq!(told.copy.address, "bob@example.org");
    assert_eq!(told.header("Subject"), "[issue1] Crash on start");
    assert_eq!(told.header("Reply-To"), "issues+1@hub.test");
    assert_eq!(told.header("In-Reply-To"), "<first@ann>");
    assert_eq!(told.header("References"), "<first@ann>");
    assert_eq!(told.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(told.body().contains("It still crashes."), "{}", told.body());
    assert_eq!(told.body().matches("You get this because").count(), 1);

    let answer = Letter {
        in_reply_to: told.message.message_id.clone(),
        ..letter(
            "bob@example.org",
            "issues@hub.test",
            "Re: [issue1] Crash on start [status=resolved]",
            "Fixed.\n\n> It still crashes.\n",
        )
    };
    hub.mail_in(answer).await;
    hub.settle().await;
    let outbox = hub.outbox().await;
    let copy = outbox.to("ann").one();
    assert!(copy.body().contains("Fixed."));
    let complaint = outbox.to("bob").last();
    assert!(complaint.body().contains("status=resolved: you may not change the properties"), "{}", complaint.body());
    assert_eq!(ann.get("/issues/1").await.select(".message").len(), 3);
}

#[tokio::test]
async fn one_leaves_the_nosy_list_by_the_link_in_the_mail() {
    let hub = hub().await;
    let (ann, bob) = (hub.user("ann").await, hub.user("bob").await);
    ann.post("/issues/new", form(&[("title", "One")])).await;
    bob.post("/issues/1/follow", vec![]).await;
    ann.post("/issues/1", form(&[("message", "first")])).await;
    hub.settle().await;
    let link = hub.outbox().await.to("bob").one().link("/issues/leave/");
    let path = link.trim_start_matches("http://hub.test").to_owned();
    assert!(hub.stranger().get(&path).await.expect(200).text().contains("Leave the nosy list"));
    hub.stranger().post_raw(&path, &[("List-Unsubscribe".into(), "One-Click".into())]).await.expect(303);
    ann.post("/issues/1", form(&[("message", "second")])).await;
    hub.settle().await;
    assert_eq!(hub.outbox().await.to("bob").count(), 1);
    assert_eq!(hub.stranger().get("/issues/leave/1-1-forged").await.status, 404);
}

#[tokio::test]
async fn a_developer_changes_properties_by_mail_and_is_told_what_was_not_done() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    hub.user_with("dev", people::Role::Developer).await;
    ann.post("/issues/new", form(&[("title", "One")])).await;
    let subject = "[issue1] [status=resolved;priority=urgnt;nosy=+ann;colour=red;x]";
    hub.mail_in(letter("dev@example.org", "issues@hub.test", subject, "Done.")).await;
    hub.settle().await;
    let page = ann.get("/issues/1").await;
    assert_eq!(page.select(".state.pill"), ["resolved"]);
    let told = hub.outbox().await.to("dev").one().body();
    assert!(told.contains("priority=urgnt: priority: there is no urgnt; did you mean urgent?"), "{told}");
    assert!(told.contains("colour=red: there is no property colour."), "{told}");
    assert!(told.contains("\"x\" is not of the form name=value."), "{told}");
    // Properties alone, without a text, are a change too.
    hub.mail_in(letter("dev@example.org", "issues+1@hub.test", "[status=deferred]", "")).await;
    assert_eq!(ann.get("/issues/1").await.select(".state.pill"), ["deferred"]);
}

#[tokio::test]
async fn answers_find_their_issue_by_references_and_by_title() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    hub.mail_in(Letter {
        message_id: "one@ann".into(),
        ..letter("ann@example.org", "issues@hub.test", "Strange title", "one")
    })
    .await;
    hub.mail_in(Letter {
        references: "<zero@x> <one@ann>".into(),
        ..letter("ann@example.org", "issues@hub.test", "other words", "two")
    })
    .await;
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "AW: Strange title", "three")).await;
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "Strange title", "a new one")).await;
    assert_eq!(ann.get("/issues/1").await.select(".message").len(), 3);
    assert_eq!(ann.get("/issues/2").await.select(".message").len(), 1);
}

#[tokio::test]
async fn strangers_wait_for_a_moderator_and_robots_are_left_alone() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    assert_eq!(
        hub.mail_in(letter("Joe <joe@far.example>", "issues@hub.test", "Help me", "It broke.")).await,
        Fate::Accepted
    );
    assert_eq!(root.get("/issues/1").await.status, 404);
    let held = root.get("/issues/held").await.expect(200);
    assert!(held.text().contains("It broke.") && held.text().contains("joe@far.example"));
    assert_eq!(hub.user("eve").await.get("/issues/held").await.status, 403);
    let (log, guard) = testkit::Log::keep();
    root.post("/issues/held/1", form(&[("do", "accept")])).await.expect(303);
    let (from, to) = ("from=\"joe@far.example\"", "to=\"issues@hub.test\"");
    log.line(&["fate=\"accepted\"", from, to, "reply=\"A moderator of the tracker let it in.\""]);
    drop(guard);
    let page = root.get("/issues/1").await.expect(200);
    assert!(page.text().contains("It broke."));
    assert!(!hub.stranger().get("/issues/1").await.text().contains("joe@far.example"));
    root.post("/issues/1", form(&[("message", "What broke?")])).await;
    hub.settle().await;
    let told = hub.outbox().await.to("joe@far.example").one();
    // Whoever was let in once comes in at once.
    hub.mail_in(Letter {
        in_reply_to: told.message.message_id.clone(),
        ..letter("joe@far.example", "issues+1@hub.test", "Re: x", "All of it.")
    })
    .await;
    assert!(root.get("/issues/1").await.text().contains("All of it."));

    for headers in ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "X-Roundup-Loop: hello\n"] {
        hub.mail_in(Letter {
            headers: headers.into(),
            ..letter("root@example.org", "issues@hub.test", "I am away", "gone")
        })
        .await;
    }
    assert_eq!(root.get("/issues/2").await.status, 404);
    assert!(matches!(hub.mail_in(letter("root@example.org", "issues+99@hub.test", "x", "y")).await, Fate::Refused(_)));
}

#[tokio::test]
async fn the_oldest_of_very_many_held_mails_makes_room_and_the_log_says_so() {
    let hub = hub().await;
    let stranger = |id: &str| Letter {
        message_id: id.into(),
        ..letter("Joe <joe@far.example>", "issues@hub.test", "Help me", "It broke.")
    };
    hub.mail_in(stranger("oldest@far.example")).await;
    let columns = "tracker_id, raw, rcpt, from_name, from_address, subject, excerpt";
    let sql = format!(
        "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 4999) \
         INSERT INTO tracker_held ({columns}, message_id, at) SELECT {columns}, 'later@far.example', at FROM tracker_held, many"
    );
    let tx = hub.hub.store.write().await.expect("a transaction");
    tx.execute_unprepared(&sql).await.expect("very many held mails");
    tx.commit().await.expect("a commit");
    let (log, _guard) = testkit::Log::keep();
    hub.mail_in(stranger("newest@far.example")).await;
    log.line(&[
        "fate=\"dropped\"",
        "id=\"oldest@far.example\"",
        "It was the oldest of the 5000 mails that may be held",
    ]);
    log.line(&["fate=\"held\"", "id=\"newest@far.example\""]);
    assert_eq!(log.text().matches("fate=\"dropped\"").count(), 1);
}

#[tokio::test]
async fn odd_mails_are_kept() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "", "No subject here.\nMore.")).await;
    assert_eq!(ann.get("/issues/1").await.select("h1"), ["No subject here. #1"]);
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "Only a subject", "")).await;
    assert_eq!(ann.get("/issues/2").await.select("h1"), ["Only a subject #2"]);
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "[issue77] gone", "text")).await;
    assert_eq!(ann.get("/issues/3").await.select("h1"), ["[issue77] gone #3"]);
    assert!(hub.outbox().await.to("ann").last().body().contains("There is no issue 77"));
    let twice = Letter {
        message_id: "same@x".into(),
        ..letter("ann@example.org", "issues@hub.test, issues+1@hub.test", "twice", "text")
    };
    hub.mail_in(twice).await;
    assert_eq!(ann.get("/issues/5").await.status, 404);
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "help", "")).await;
    assert!(hub.outbox().await.to("ann").last().body().contains("status (Link): unread, deferred"));
    let raw = b"From: ann@example.org\nTo: issues@hub.test\nSubject: broken\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nthe text\n--x\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment; filename=\"../../a.pdf\"\n\nbytes\n--x";
    hub.mail_in_raw("ann@example.org", "issues@hub.test", raw).await;
    let page = ann.get("/issues/5").await.expect(200);
    assert!(page.text().contains("the text"));
    assert_eq!(page.select(".files a"), ["a.pdf"]);
}

#[tokio::test]
async fn an_answer_renames_its_issue_only_where_that_is_asked_for() {
    for (like_roundup, title) in [(false, "Old title #1"), (true, "New title #1")] {
        let hub = if like_roundup { hub_like_roundup().await } else { hub().await };
        let (ann, _) = (hub.user("ann").await, hub.user("eve").await);
        ann.post("/issues/new", form(&[("title", "Old title")])).await;
        hub.mail_in(letter("ann@example.org", "issues@hub.test", "Re: [issue1] New title", "Better so.")).await;
        assert_eq!(ann.get("/issues/1").await.select("h1"), [title]);
        // Whoever may not change the issue renames nothing, and is heard all the same.
        hub.mail_in(letter("eve@example.org", "issues@hub.test", "Re: [issue1] Hers", "A word.")).await;
        let page = ann.get("/issues/1").await;
        assert_eq!((page.select("h1"), page.text().contains("A word.")), (vec![title.to_owned()], true));
    }
}

/// The words of a mail, however its lines were broken.
fn words(mail: &testkit::Sent) -> String {
    mail.body().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_mail_that_asks_for_what_there_is_not_changes_nothing_and_is_told_what_there_is() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    hub.user_with("dev", people::Role::Developer).await;
    ann.post("/issues/new", form(&[("title", "One")])).await;
    let before = ann.get("/issues/1").await.text();
    hub.mail_in(letter("dev@example.org", "issues@hub.test", "[issue1] [status=nonsense]", "")).await;
    hub.settle().await;
    assert_eq!(ann.get("/issues/1").await.text(), before, "not a word of the page changed");
    let told = words(&hub.outbox().await.to("dev").one());
    assert!(told.contains("Nothing was changed on issue 1:"), "{told}");
    assert!(told.contains("there is no nonsense, but unread, deferred, chatting, need-eg, in-progress"), "{told}");
    // With a text the text stands there, and the status that was meant to change stays.
    hub.mail_in(letter("dev@example.org", "issues+1@hub.test", "[status=resolvd]", "A word.")).await;
    let page = ann.get("/issues/1").await;
    assert!(page.text().contains("A word."));
    assert_eq!(page.select(".state.pill"), ["unread"]);
    let told = words(&hub.outbox().await.to("dev").last());
    assert!(told.contains("did you mean resolved? There is unread, deferred"), "{told}");
    hub.mail_in(letter("dev@example.org", "issues+1@hub.test", "[colour=red]", "")).await;
    let told = words(&hub.outbox().await.to("dev").last());
    assert!(told.contains("there is no property colour. The properties are"), "{told}");
    assert!(told.contains("status") && told.contains("assignedto"), "{told}");
}

#[tokio::test]
async fn a_mail_that_says_nothing_is_answered_and_files_nothing() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    hub.mail_in(letter("ann@example.org", "issues@hub.test", "", "")).await;
    let told = hub.outbox().await.to("ann").one();
    assert_eq!(told.header("Subject"), "Your mail");
    let told = words(&told);
    assert!(told.contains("not filed as an issue: - The mail has no text that can be read"), "{told}");
    assert_eq!(ann.get("/issues/1").await.status, 404);
    ann.post("/issues/new", form(&[("title", "One"), ("status", "resolved")])).await;
    let before = ann.get("/issues/1").await.text();
    hub.mail_in(letter("ann@example.org", "issues+1@hub.test", "Re: [issue1] One", "\n\n")).await;
    assert!(hub.outbox().await.to("ann").last().body().contains("Nothing was changed on issue 1:"));
    assert_eq!(ann.get("/issues/1").await.text(), before);
}

#[tokio::test]
async fn broken_mails_are_kept_byte_for_byte_and_read_as_well_as_can_be() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    let folded = "x".repeat(900);
    let huge: String = (0..2_000).map(|n| format!("X-Huge-{n}: {folded}\r\n")).collect();
    let long_id = "i".repeat(5_000);
    let wordy = "word ".repeat(20_000);
    let mails: Vec<(&str, Vec<u8>, &str)> = vec![
        ("no part ends", b"From: ann@example.org\r\nSubject: no part ends\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n\r\nthe text\r\n".to_vec(), "the text"),
        ("a boundary that never comes", b"From: ann@example.org\r\nSubject: a boundary that never comes\r\nContent-Type: multipart/mixed; boundary=none\r\n\r\nheron without parts\r\n".to_vec(), "heron without parts"),
        ("base64 with junk", b"From: ann@example.org\r\nSubject: base64 with junk\r\nContent-Transfer-Encoding: base64\r\n\r\naGVy!b24=\r\n%%%\r\n".to_vec(), "her"),
        ("no From", b"Subject: no From\r\n\r\nwho am I\r\n".to_vec(), "who am I"),
        ("From cannot be read", b"From: <<<ann\r\nSubject: From cannot be read\r\n\r\nwho else\r\n".to_vec(), "who else"),
        ("a charset of nobody", b"From: ann@example.org\r\nSubject: a charset of nobody\r\nContent-Type: text/plain; charset=klingon\r\n\r\nZ\xfcrich\r\n".to_vec(), "Z\u{fc}rich"),
        ("a charset that lies", b"From: ann@example.org\r\nSubject: a charset that lies\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 8bit\r\n\r\nZ\xfcrich\r\n".to_vec(), "Z\u{fc}rich"),
        ("a huge header", format!("From: ann@example.org\r\nSubject: a huge header\r\n{huge}\r\nsmall text\r\n").into_bytes(), "small text"),
        ("long words", format!("From: {wordy} <ann@example.org>\r\nSubject: long words {wordy}\r\nMessage-ID: {long_id}\r\nIn-Reply-To: <{long_id}@x>\r\nReferences: {long_id}@x\r\n\r\nlittle to say\r\n").into_bytes(), "little to say"),
        ("NUL bytes", b"From: ann@example.org\r\nSubject: NUL \x00 bytes\r\n\r\nbefore \x00 after\r\n".to_vec(), "after"),
    ];
    for (number, (what, raw, text)) in mails.iter().enumerate() {
        assert_eq!(hub.mail_in_raw("ann@example.org", "issues@hub.test", raw).await, Fate::Accepted, "{what}");
        hub.settle().await;
        let page = ann.get(&format!("/issues/{}", number + 1)).await;
        assert!(page.status == 200 && page.text().contains(text), "{what}: {}", page.text());
        let links = page.attributes(".message-meta a", "href");
        let link = links.iter().find(|link| link.ends_with("/raw")).expect(what);
        assert!(ann.get(link).await.expect(200).body.ends_with(raw), "{what}: the bytes are kept");
        assert!(!hub.stranger().get(link).await.expect(303).location().contains("raw?"), "{what}: it has addresses");
    }
    // One without even a colon in it, and one of which nobody is the sender.
    hub.mail_in_raw("ann@example.org", "issues@hub.test", b"just words\r\n").await;
    let page = ann.get(&format!("/issues/{}", mails.len() + 1)).await.expect(200);
    assert!(page.text().contains("just words"));
    assert_eq!(hub.mail_in_raw("", "issues@hub.test", b"\xff\xfe").await, Fate::Accepted);
    assert_eq!(ann.get(&format!("/issues/{}", mails.len() + 2)).await.status, 404);
    hub.settle().await;
}
