//! What people see of the log, and what the bot is given to say.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use chat::log::{self, Line};
use chat::{Config, Network, say};
use chrono::{DateTime, Utc};
use guildhall_chat as chat;
use journal::Event;
use kernel::Hub;
use people::Actor;
use plug::Module;
use testkit::TestHub;

fn module(hub: &Hub) -> Module {
    let network = Network {
        name: "test".into(),
        server: "irc.test:6667".into(),
        channels: vec!["#dev".into()],
        ..Network::default()
    };
    chat::module(hub, Config { network: vec![network] })
}

async fn hub() -> TestHub {
    TestHub::with([module as fn(&Hub) -> Module]).await
}

fn line(at: &str, kind: &'static str, nick: &str, text: &str) -> Line {
    let at: DateTime<Utc> = at.parse().expect("a time");
    Line { at, kind, nick: nick.into(), account: String::new(), text: text.into(), raw: None }
}

async fn keep(hub: &TestHub, lines: &[Line]) {
    let tx = hub.hub.store.write().await.expect("a transaction");
    let id = log::channel(&tx, "test", "#dev").await.expect("a channel");
    log::record(&tx, id, lines).await.expect("kept lines");
    tx.commit().await.expect("a commit");
}

#[tokio::test]
async fn a_line_has_a_permalink_that_stays_when_it_is_heard_again() {
    let hub = hub().await;
    let said = line("2026-11-21T11:03:22.500Z", "say", "ann", "it crashes, see #12");
    keep(&hub, &[said.clone(), line("2026-11-21T11:04:00.250Z", "join", "bob", "")]).await;
    let stranger = hub.stranger();
    let day = stranger.get("/chat/test/dev/2026-11-21").await.expect(200);
    let marks = day.attributes("[id^='11:03:22-']", "id");
    assert_eq!(marks.len(), 1, "{}", day.text());
    assert!(day.text().contains("/issues/12"));
    keep(&hub, &[said]).await;
    let again = stranger.get("/chat/test/dev/2026-11-21").await.expect(200);
    assert_eq!(again.attributes("[id^='11:03:22-']", "id"), marks);
    let text = stranger.get("/chat/test/dev/2026-11-21.txt").await.expect(200).text();
    assert_eq!(text, "[11:03:22] <ann> it crashes, see #12\n[11:04:00] *** bob joined\n");
}

#[tokio::test]
async fn no_line_is_lost_to_the_mark_of_another_one() {
    let hub = hub().await;
    let mut lines: Vec<Line> =
        (0..5000).map(|number| line("2026-11-21T11:03:22.500Z", "say", "ann", &format!("number {number}"))).collect();
    keep(&hub, &lines).await;
    let count = async || {
        let channel = chat::query::channel(&hub.hub.store.read(), "test", "#dev").await.unwrap().unwrap();
        chat::query::day(&hub.hub.store.read(), channel.id, "2026-11-21").await.unwrap().len()
    };
    assert_eq!(count().await, 5000);
    keep(&hub, &lines).await;
    assert_eq!(count().await, 5000, "a replay adds nothing");
    lines = vec![line("2026-11-21T11:03:22.500Z", "say", "ann", "number 7"); 3];
    keep(&hub, &lines).await;
    assert_eq!(count().await, 5002, "equal ones are told apart by their number");
}

#[tokio::test]
async fn what_was_said_is_found() {
    let hub = hub().await;
    keep(&hub, &[line("2026-11-21T11:30:00.100Z", "say", "ann", "the heron stands in the rapids")]).await;
    hub.settle().await;
    let page = hub.stranger().get("/chat/test/dev/?q=heron").await.expect(200);
    assert!(page.text().contains("/chat/test/dev/2026-11-21#11:30:00-"), "{}", page.text());
}

#[tokio::test]
async fn a_new_issue_is_announced_on_the_channel_and_a_private_one_is_not() {
    let hub = hub().await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    for (tracker, folder, issue, audience) in [
        ("issues", "/issues/", 1, "public"),
        ("issues", "/issues/", 2, "members"),
        ("website", "/issues/website/", 3, "public"),
    ] {
        let event = Event::IssueCreated {
            tracker: tracker.into(),
            issue,
            title: "Crash".into(),
            url: format!("{folder}{issue}"),
            message: None,
            text: String::new(),
            audience: audience.into(),
        };
        journal::append(&tx, &Actor::system("test"), event).expect("an entry");
    }
    tx.commit().await.expect("a commit");
    hub.settle().await;
    let waiting = say::pending(&hub.hub.store.read(), "test", 10).await.expect("lines");
    let texts: Vec<&str> = waiting.iter().map(|(_, _, text)| text.as_str()).collect();
    let first = "t\u{2060}est filed #1 Crash http://hub.test/issues/1";
    assert_eq!(texts, [first, "t\u{2060}est filed website#3 Crash http://hub.test/issues/website/3"]);
}

#[tokio::test]
async fn a_flood_of_announcements_is_folded() {
    let hub = hub().await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    for number in 0..50 {
        say::say(&tx, "test", "#dev", say::Rank::Announce, &format!("line {number}")).await.expect("a line");
    }
    say::say(&tx, "test", "#dev", say::Rank::Answer, "an answer").await.expect("a line");
    tx.commit().await.expect("a commit");
    let waiting = say::pending(&hub.hub.store.read(), "test", 100).await.expect("lines");
    assert_eq!((waiting.len(), waiting[0].2.as_str()), (14, "an answer"));
    assert!(waiting[13].2.contains("more happened"));
    // While the bot says them, more comes: that is part of the rest, and told once.
    let tx = hub.hub.store.write().await.expect("a transaction");
    for (id, ..) in &waiting[..3] {
        say::said(&tx, *id).await.expect("said");
        say::say(&tx, "test", "#dev", say::Rank::Announce, "one more").await.expect("a line");
    }
    tx.commit().await.expect("a commit");
    let left = say::pending(&hub.hub.store.read(), "test", 100).await.expect("lines");
    assert_eq!(left.iter().filter(|(_, _, text)| text.contains("more happened")).count(), 1);
    assert!(!left.iter().any(|(_, _, text)| text == "one more"));
}

#[tokio::test]
async fn an_unknown_channel_or_day_says_so() {
    let hub = hub().await;
    keep(&hub, &[line("2026-11-21T11:30:00.100Z", "say", "ann", "hi")]).await;
    let stranger = hub.stranger();
    assert!(stranger.get("/chat/test/nowhere/").await.expect(404).text().contains("no channel nowhere"));
    assert!(stranger.get("/chat/test/dev/yesterday").await.expect(404).text().contains("2026-11-21"));
    assert!(stranger.get("/chat/").await.expect(200).text().contains("#dev"));
}

#[tokio::test]
async fn the_days_of_a_channel_stand_below_their_months() {
    let hub = hub().await;
    let days = ["2026-10-30T10:00:00Z", "2026-10-31T10:00:00Z", "2026-11-02T10:00:00Z"];
    keep(&hub, &days.map(|day| line(day, "say", "ann", "hi"))).await;
    let page = hub.stranger().get("/chat/test/dev/").await.expect(200);
    assert_eq!(page.select("main tr.group"), ["2026-11", "2026-10"]);
    assert_eq!(page.select("main td.title"), ["2026-11-02", "2026-10-31", "2026-10-30"]);
}

#[tokio::test]
async fn every_template_renders() {
    hub().await.render_samples().await;
}

#[tokio::test]
async fn the_days_of_the_logs_are_feeds() {
    let hub = hub().await;
    let said = [
        line("2026-11-19T10:00:00Z", "say", "ann", "one"),
        line("2026-11-20T10:00:00Z", "say", "<bob>", "two"),
        line("2026-11-20T11:00:00Z", "action", "ann", "waves"),
        line("2026-11-20T12:00:00Z", "say", "ann", "three"),
        line("2026-11-20T13:00:00Z", "join", "eve", ""),
    ];
    keep(&hub, &said).await;
    for (page, path) in [("/chat/", "/chat/.atom"), ("/chat/test/dev/", "/chat/test/dev/.atom")] {
        let page = hub.stranger().get(page).await.expect(200);
        assert_eq!(page.attributes("link[rel=alternate]", "href"), [path]);
        let feed = hub.stranger().get(path).await.expect(200).text();
        let (first, second) = (feed.find("#dev on 2026-11-20"), feed.find("#dev on 2026-11-19"));
        assert!(first.is_some() && first < second, "{feed}");
        assert!(feed.contains("3 lines, said by ann, &amp;lt;bob&amp;gt;."), "{feed}");
        assert!(feed.contains("<updated>2026-11-20T12:00:00+00:00</updated>"), "{feed}");
        assert!(feed.contains("http://hub.test/chat/test/dev/2026-11-20"), "{feed}");
    }
    hub.stranger().get("/chat/test/nowhere/.atom").await.expect(404);
}
