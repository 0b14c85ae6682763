//! Issues among the other modules: search, mentions, and what commits say.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{form, hub};
use journal::{Commit, Event, Mention};
use people::Actor;
use testkit::TestHub;

async fn push(hub: &TestHub, email: &str, id: &str, mentions: Vec<Mention>) {
    let commit = Commit {
        id: id.into(),
        short: id[..8].into(),
        author_name: "Ann".into(),
        author_email: email.into(),
        subject: "Fix crash".into(),
        message: "Fix crash".into(),
        url: format!("/commits/hub/{id}"),
        paths: vec![],
        mentions,
    };
    let tx = hub.hub.store.write().await.unwrap();
    let event = serde_json::json!({
        "event": "CommitsPushed", "repository": "hub", "push": 1, "vcs": "git", "refname": "refs/heads/main",
        "url": "/commits/hub/", "pusher": "ann", "commits": [commit], "total": 1, "audience": "public",
    });
    let event: Event = serde_json::from_value(event).unwrap();
    journal::append(&tx, &Actor::system("test"), event).unwrap();
    tx.commit().await.unwrap();
    hub.settle().await;
}

#[tokio::test]
async fn a_commit_closes_an_issue_once() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    hub.user("bob").await.post("/issues/new", form(&[("title", "Crash")])).await;
    let id = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";
    let closes = |issue| vec![Mention { tracker: None, issue, closes: true }];
    push(&hub, "ann@example.org", id, closes(1)).await;
    push(&hub, "ann@example.org", id, closes(1)).await;
    push(&hub, "ann@example.org", id, closes(99)).await;
    let page = ann.get("/issues/1").await.expect(200);
    assert_eq!(page.select(".state.pill"), ["resolved"]);
    assert_eq!(page.select(".message").len(), 1);
    let text = page.select(".message .prose").remove(0);
    assert!(text.contains("1a2b3c4d") && text.contains("Fix crash") && text.contains("by Ann"), "{text}");
    assert!(hub.outbox().await.to("bob").one().body().contains("/commits/hub/1a2b"));
}

#[tokio::test]
async fn a_commit_of_somebody_unknown_comments_only() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "Crash")])).await;
    push(
        &hub,
        "who@far.example",
        "ffff3c4d5e6f7081",
        vec![Mention { tracker: Some("issues".into()), issue: 1, closes: true }],
    )
    .await;
    let page = ann.get("/issues/1").await.expect(200);
    assert_eq!(page.select(".state.pill"), ["unread"]);
    assert_eq!(page.select(".message").len(), 1);
    let text = page.select(".message .prose").remove(0);
    assert!(text.contains("asks to close this issue") && text.contains("belongs to no account here"), "{text}");
}

#[tokio::test]
async fn a_commit_never_says_more_than_it_did() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "Crash")])).await;
    for (id, closes) in [("aaaa3c4d5e6f7081", false), ("bbbb3c4d5e6f7081", true), ("cccc3c4d5e6f7081", true)] {
        push(&hub, "ann@example.org", id, vec![Mention { tracker: None, issue: 1, closes }]).await;
    }
    let said = ann.get("/issues/1").await.expect(200).select(".message .prose");
    assert!(said[0].contains("in hub mentions this issue:"), "{said:?}");
    assert!(said[1].contains("in hub closes this issue:"), "{said:?}");
    assert!(said[2].contains("in hub says that it closes this issue, which was done before:"), "{said:?}");
}

#[tokio::test]
async fn words_are_found_and_mentions_lead_both_ways() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "Segfault in parser"), ("message", "The lexer eats umlauts.")])).await;
    ann.post("/issues/new", form(&[("title", "Other"), ("message", "Looks like #1 again.")])).await;
    hub.settle().await;
    assert_eq!(ann.get("/issues/?q=umlauts").await.select("td.title"), ["Segfault in parser"]);
    assert_eq!(ann.get("/issues/?q=segfault+status:unread").await.select("td.title"), ["Segfault in parser"]);
    assert!(ann.get("/issues/?q=segfault+status:resolved").await.select("td.title").is_empty());
    assert_eq!(ann.get("/issues/?q=%22eats+umlauts%22").await.select("td.title"), ["Segfault in parser"]);
    let page = ann.get("/issues/1").await.expect(200);
    assert!(page.text().contains("Mentioned in"), "the issue that was mentioned shows the way back");
    ann.post("/issues/1", form(&[("superseder", "2")])).await;
    assert!(ann.get("/issues/2").await.text().contains("superseded by"));
}

#[tokio::test]
async fn an_issue_of_another_tracker_does_not_mention_its_namesake() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    let tx = hub.hub.store.write().await.unwrap();
    guildhall_tracker::tracker::create(&tx, "website", "The site", "classic").await.unwrap();
    tx.commit().await.unwrap();
    ann.post("/issues/new", form(&[("title", "One")])).await;
    ann.post("/issues/website/new", form(&[("title", "Namesake")])).await;
    hub.settle().await;
    assert!(!ann.get("/issues/1").await.expect(200).text().contains("Mentioned in"));
    ann.post("/issues/website/1", form(&[("message", "Like #1 here.")])).await;
    hub.settle().await;
    assert!(!ann.get("/issues/1").await.text().contains("Mentioned in"));
    assert_eq!(ann.get("/issues/website/1").await.attributes("a.ref.issue", "href"), ["/issues/website/1"]);
    ann.post("/issues/new", form(&[("title", "Two"), ("message", "See website#1.")])).await;
    hub.settle().await;
    assert!(ann.get("/issues/website/1").await.expect(200).text().contains("#2 Two"));
}
