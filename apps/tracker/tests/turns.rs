//! Changes that wait for each other.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use std::time::Duration;

use common::{form, hub};
use guildhall_tracker::change::{Change, Via};
use guildhall_tracker::{Config, Tracker, issue};
use people::Actor;

/// A transaction that already wrote to the journal, as a batch of answers or a mail to two addresses does, changes an issue
/// while somebody else does the same.
#[tokio::test]
async fn a_change_behind_another_in_one_transaction_and_a_form_do_not_wait_for_each_other() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "One")])).await.expect(303);
    let store = &hub.hub.store;
    let catalog =
        Tracker::new(&hub.hub, Config::default()).catalogs.named(&store.read(), "issues").await.unwrap().unwrap();
    let other = Actor::system("somebody");
    let first = store.write().await.unwrap();
    journal::append(&first, &other, journal::Event::MemberJoined { list: "dev".into(), address: "a@x.org".into() })
        .unwrap();
    let form = tokio::spawn(async move { ann.post("/issues/1", form(&[("message", "By form.")])).await.status });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let filed = Change { title: Some("Two".into()), via: Via::Mail, ..Change::default() };
    let done = issue::create(&first, &other, &catalog, filed).await.unwrap();
    assert_eq!(done.number, 2);
    first.commit().await.unwrap();
    assert_eq!(form.await.unwrap(), 303);
    let page = hub.stranger().get("/issues/1").await.expect(200);
    assert!(page.text().contains("By form."), "{}", page.text());
}
