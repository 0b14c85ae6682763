//! Changes that happen at the same time do not wait for each other in a circle. SQLite, which has one writer, does one
//! after the other; on PostgreSQL they cross.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use std::time::Duration;

use common::{form, hub};
use guildhall_tracker::catalog::{Catalog, Catalogs};
use guildhall_tracker::change::{Change, NewMessage};
use guildhall_tracker::{issue, tracker};
use journal::{Entry, Event};
use mail::inbound::Envelope;
use people::{Actor, Role};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use store::Tx;
use testkit::{Letter, TestHub};

/// Long enough for a change to come as far as it can.
const A_WHILE: Duration = Duration::from_millis(300);

/// A hub with an issue 1 in each of two trackers, `issues` and `website`, and one who may change them.
async fn two_trackers() -> (TestHub, Actor) {
    let hub = hub().await;
    let ann = hub.user_with("ann", Role::Developer).await;
    let tx = hub.hub.store.write().await.unwrap();
    tracker::create(&tx, "website", "The site", "classic").await.unwrap();
    tx.commit().await.unwrap();
    for path in ["/issues/new", "/issues/website/new"] {
        ann.post(path, form(&[("title", "Crash")])).await;
    }
    hub.settle().await;
    (hub, ann.actor().await)
}

async fn comment(tx: &Tx, actor: &Actor, tracker: &Catalog) {
    let message = NewMessage { text: "Me too.".into(), ..NewMessage::default() };
    let change = Change { message: Some(message), ..Change::default() };
    issue::change(tx, actor, tracker, 1, change).await.expect("a change");
}

#[tokio::test]
async fn who_told_the_journal_of_one_tracker_waits_for_nobody_in_another() {
    let (hub, ann) = two_trackers().await;
    let catalogs = Catalogs::new("issues", "hub.test");
    let read = hub.hub.store.read();
    let issues = catalogs.named(&read, "issues").await.unwrap().unwrap();
    let website = catalogs.named(&read, "website").await.unwrap().unwrap();
    let tx = hub.hub.store.write().await.unwrap();
    comment(&tx, &ann, &issues).await;
    let both = async {
        tokio::time::sleep(A_WHILE).await;
        comment(&tx, &ann, &website).await;
        tx.commit().await.expect("a commit");
    };
    let one = async {
        let tx = hub.hub.store.write().await.unwrap();
        comment(&tx, &ann, &website).await;
        tx.commit().await.expect("a commit");
    };
    tokio::join!(both, one);
    assert_eq!(messages(&hub).await, (3, 3));
}

#[tokio::test]
async fn a_push_and_mails_of_two_trackers_go_through_at_once() {
    let (hub, _) = two_trackers().await;
    let push = async {
        let tx = hub.hub.store.write().await.unwrap();
        let closer = hub.subscribers.iter().find(|subscriber| subscriber.name() == "tracker/commits").unwrap();
        closer.answer_all(&tx, &[&pushed("website", "1a2b3c4d"), &pushed("issues", "5e6f7081")]).await.expect("a push");
        tx.commit().await.expect("a commit");
    };
    for to in ["issues+1@hub.test", "website+1@hub.test"] {
        let letter =
            Letter { from: "ann@example.org".into(), to: to.into(), body: "Me too.".into(), ..Letter::default() };
        let envelope = Envelope {
            from: "ann@example.org".into(),
            rcpts: vec![mail::Rcpt::parse(to).unwrap()],
            via: "smtp".into(),
        };
        mail::inbound::receive(&hub.hub, &hub.mailboxes, &letter.raw(), &envelope).await.unwrap();
    }
    // Both begin while others hold the trackers, and go on when those are done.
    let (issues, website) = (held(&hub, "issues").await, held(&hub, "website").await);
    let release = async {
        tokio::time::sleep(A_WHILE).await;
        drop(website);
        tokio::time::sleep(A_WHILE).await;
        drop(issues);
    };
    let mails = mail::inbound::deliver_pending(&hub.hub, &hub.mailboxes);
    let (_, delivered, _) = tokio::join!(push, mails, release);
    assert_eq!(delivered.expect("delivery"), 2);
    assert_eq!(messages(&hub).await, (4, 4), "nothing is taken back: no number was spent in vain");
}

/// The tracker, held by somebody else; on SQLite nobody can hold anything beside a writer.
async fn held(hub: &TestHub, tracker: &str) -> Option<Tx> {
    if hub.hub.store.read().get_database_backend() != DbBackend::Postgres {
        return None;
    }
    let tx = hub.hub.store.write().await.unwrap();
    let sql = "SELECT id FROM tracker WHERE name = $1 FOR UPDATE";
    tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [tracker.into()])).await.unwrap();
    Some(tx)
}

fn pushed(tracker: &str, commit: &str) -> Entry {
    let event = serde_json::json!({
        "event": "CommitsPushed", "repository": "hub", "push": 1, "vcs": "git", "refname": "refs/heads/main",
        "url": "/commits/hub/", "pusher": "ann", "total": 1, "audience": "public",
        "commits": [{
            "id": commit, "short": commit, "author_name": "ann", "author_email": "ann@example.org",
            "subject": "Fix crash", "message": "Fix crash", "url": format!("/commits/hub/{commit}"), "paths": [],
            "mentions": [{ "tracker": tracker, "issue": 1, "closes": true }],
        }],
    });
    let event: Event = serde_json::from_value(event).expect("an event");
    Entry { id: 1, at: "2026-11-21T12:00:00Z".parse().unwrap(), participant: None, actor: "ann".into(), event }
}

/// How many messages there are, and the highest of their numbers.
async fn messages(hub: &TestHub) -> (i64, i64) {
    let read = hub.hub.store.read();
    let sql = "SELECT count(*) AS many, max(id) AS highest FROM tracker_message";
    let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap().unwrap();
    (row.try_get("", "many").unwrap(), row.try_get("", "highest").unwrap())
}
