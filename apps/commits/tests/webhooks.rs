//! Webhooks of forges at `/hooks/REPOSITORY`.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use commits::repository::{Repository, Settings};
use common::{hub, register, webhook};
use guildhall_commits as commits;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use testkit::TestHub;

async fn elsewhere(hub: &TestHub) -> Repository {
    register(hub, Settings { name: "far".into(), vcs: "git".into(), ..Settings::default() }).await
}

fn signature(repository: &Repository, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(repository.token.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn id(n: u8) -> String {
    format!("{n:02x}").repeat(20)
}

fn push(from: u8, to: u8) -> Value {
    json!({
        "ref": "refs/heads/main", "before": id(from), "after": id(to), "pusher": {"name": "ann", "email": "ann@example.org"},
        "commits": [{"id": id(to), "message": format!("Commit {to}, fixes #{to}"), "timestamp": "2026-11-20T10:00:00+02:00",
            "url": format!("https://forge.example.org/{to}"), "author": {"name": "Ann", "email": "ann@example.org"},
            "added": ["new.txt"], "removed": [], "modified": ["old.txt"]}],
    })
}

async fn subjects(hub: &TestHub) -> Vec<String> {
    hub.settle().await;
    hub.stranger().get("/commits/far/").await.expect(200).select("td.title a")
}

#[tokio::test]
async fn a_signed_push_is_recorded_once_however_often_it_is_delivered() {
    let hub = hub().await;
    let _ann = hub.user("ann").await;
    let far = elsewhere(&hub).await;
    let body = push(1, 2).to_string();
    let sign = signature(&far, &body);
    let headers = [("x-github-event", "push"), ("x-github-delivery", "d-1"), ("x-hub-signature-256", sign.as_str())];
    for _ in 0..2 {
        webhook(&hub.stranger(), "far", &headers, &body).await.expect(204);
        assert_eq!(subjects(&hub).await, ["Commit 2, fixes #2"]);
    }
    let page = hub.stranger().get(&format!("/commits/far/{}", id(2))).await.expect(200);
    assert_eq!(page.attributes("header .button", "href"), ["https://forge.example.org/2"]);
    assert_eq!(page.select(".diff-path"), ["new.txt", "old.txt"]);
    assert_eq!(page.attributes(".page-meta a.person", "href"), ["/people/ann"]);
}

#[tokio::test]
async fn two_deliveries_before_the_first_is_read_make_one_push() {
    let hub = hub().await;
    let far = elsewhere(&hub).await;
    let body = push(1, 2).to_string();
    let sign = signature(&far, &body);
    let headers = [("x-gitea-event", "push"), ("x-gitea-delivery", "d-1"), ("x-hub-signature-256", sign.as_str())];
    webhook(&hub.stranger(), "far", &headers, &body).await.expect(204);
    webhook(&hub.stranger(), "far", &headers, &body).await.expect(204);
    assert_eq!(subjects(&hub).await.len(), 1);
}

#[tokio::test]
async fn a_bad_signature_is_refused_before_anything_is_read() {
    let hub = hub().await;
    let far = elsewhere(&hub).await;
    let body = "this is not JSON";
    let wrong = signature(&far, "another body");
    for headers in [
        vec![("x-github-event", "push"), ("x-hub-signature-256", wrong.as_str())],
        vec![("x-github-event", "push")],
        vec![("x-gitlab-event", "Push Hook"), ("x-gitlab-token", "guess")],
        vec![("authorization", "Bearer guess")],
        vec![],
    ] {
        webhook(&hub.stranger(), "far", &headers, body).await.expect(401);
    }
    webhook(&hub.stranger(), "unknown", &[("x-gitlab-event", "Push Hook"), ("x-gitlab-token", "")], body)
        .await
        .expect(401);
    assert!(!hub.hub.store.data().join(commits::hook::FOLDER).exists());
}

#[tokio::test]
async fn other_events_are_thanked_for_and_a_body_that_makes_no_sense_stands_aside() {
    let hub = hub().await;
    let far = elsewhere(&hub).await;
    let headers = [("x-gitlab-event", "Issue Hook"), ("x-gitlab-token", far.token.as_str())];
    webhook(&hub.stranger(), "far", &headers, "{}").await.expect(204);
    let headers = [("x-gitlab-event", "Push Hook"), ("x-gitlab-token", far.token.as_str())];
    webhook(&hub.stranger(), "far", &headers, "{\"ref\": 1}").await.expect(204);
    assert_eq!(subjects(&hub).await, Vec::<String>::new());
    let page = hub.admin("root").await.get("/admin/commits").await.expect(200).text();
    assert!(page.contains("The webhook of gitlab cannot be read"), "{page}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let hub = hub().await;
    let far = elsewhere(&hub).await;
    let headers = [("x-gitlab-event", "Push Hook"), ("x-gitlab-token", far.token.as_str())];
    webhook(&hub.stranger(), "far", &headers, &"x".repeat(26 << 20)).await.expect(413);
}
