//! A post over LMTP to a list of 1,000 members: every copy has the right headers, a reply threads, a bounce counts.

use crate::harness::{Hub, Sink, wait_for};

const MEMBERS: usize = 1000;

#[allow(clippy::too_many_lines, reason = "one conversation, told once")]
fn post(id: &str, more: &str, subject: &str, body: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: {subject}\nMessage-ID: <{id}>\n{more}Date: Sat, 21 Nov 2026 12:00:00 +0000\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

#[test]
#[allow(clippy::too_many_lines, reason = "one conversation, told once")]
fn a_post_reaches_a_thousand_members_and_its_reply_threads() {
    let sink = Sink::start();
    let hub = Hub::start(Some(&sink), "");
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let members: String = (0..MEMBERS - 1).map(|n| format!("member{n}@example.net\n")).collect();
    let synced = hub
        .try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], format!("ann@example.org\n{members}").as_bytes());
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));

    let replies = hub.lmtp(
        "ann@example.org",
        &["dev@hub.test", "nobody@hub.test"],
        &post("one@test", "", "Release plan", "We release on Friday."),
    );
    assert!(replies[0].starts_with("550"), "an unknown recipient is refused: {replies:?}");
    assert!(replies[1].starts_with("250"), "{replies:?}");
    let mails = wait_for("a copy for each member", || {
        let mails = sink.mails();
        (mails.iter().filter(|mail| mail.header("message-id") == "<one@test>").count() >= MEMBERS - 1).then_some(mails)
    });
    let mut rcpts: Vec<&str> = mails.iter().flat_map(|mail| mail.rcpts.iter().map(String::as_str)).collect();
    rcpts.sort_unstable();
    let all = rcpts.len();
    rcpts.dedup();
    assert_eq!(all, rcpts.len(), "nobody gets it twice");
    let copy = mails.iter().find(|mail| mail.rcpts == ["member7@example.net"]).expect("the copy of member7");
    assert!(copy.header("list-id").contains("<dev.hub.test>"), "{}", copy.text);
    for (field, part) in [
        ("list-post", "mailto:dev@hub.test"),
        ("list-help", "mailto:"),
        ("list-subscribe", "<"),
        ("list-owner", "dev-owner@hub.test"),
        ("list-archive", "/lists/dev/"),
        ("archived-at", "/lists/dev/"),
        ("list-unsubscribe", "/lists/unsubscribe/"),
        ("list-unsubscribe-post", "List-Unsubscribe=One-Click"),
        ("from", "ann@example.org"),
        ("subject", "Release plan"),
    ] {
        assert!(copy.header(field).contains(part), "{field} is {:?} in {}", copy.header(field), copy.text);
    }
    assert_eq!(copy.from, "dev-bounces+member7=example.net@hub.test");
    assert!(
        copy.text.ends_with("We release on Friday.\n") || copy.text.contains("\n\nWe release on Friday.\n"),
        "{}",
        copy.text
    );

    hub.lmtp(
        "ann@example.org",
        &["dev@hub.test"],
        &post("two@test", "In-Reply-To: <one@test>\nReferences: <one@test>\n", "Re: Release plan", "Make it Monday."),
    );
    let stranger = hub.stranger();
    let thread = wait_for("the thread in the archive", || {
        let page = stranger.get("/lists/dev/one@test/t/");
        (page.status == 200 && page.text.contains("Make it Monday.")).then_some(page)
    });
    assert!(thread.text.contains("We release on Friday."));
    assert!(!thread.text.contains("ann@example.org"), "strangers see no address");
    assert_eq!(stranger.get("/lists/-/two@test").status, 200);
    wait_for("search", || stranger.get("/search?q=release+friday").text.contains("Release plan").then_some(()));
    assert!(stranger.get("/lists/dev/new.atom").expect(200).text.contains("Make it Monday"));

    let bounce = "From: mailer-daemon@example.net\nTo: dev-bounces+member7=example.net@hub.test\nSubject: Undelivered\nMessage-ID: <bounce@example.net>\n\
        MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nNo such user.\n\
        --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.net\n\nFinal-Recipient: rfc822; member7@example.net\nAction: failed\nStatus: 5.1.1\n\n--b--\n";
    let replies = hub.lmtp("", &["dev-bounces+member7=example.net@hub.test"], bounce);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    let root = hub.person("root", true);
    wait_for("the bounce to count", || {
        (1..=11)
            .any(|page| root.get(&format!("/lists/dev/members?page={page}")).text.contains("bounce score 1"))
            .then_some(())
    });

    let link = copy.header("list-unsubscribe");
    let path = link.split("/lists/unsubscribe/").nth(1).and_then(|rest| rest.split('>').next()).expect("a link");
    let path = format!("/lists/unsubscribe/{path}");
    stranger.get(&path).expect(200);
    assert!(
        hub.cli(&["lists", "members", "list", "dev@hub.test"]).contains("member7@example.net"),
        "a GET changes nothing"
    );
    stranger.post(&path, &[("List-Unsubscribe", "One-Click")]).expect(200);
    assert!(!hub.cli(&["lists", "members", "list", "dev@hub.test"]).contains("member7@example.net"));
}
