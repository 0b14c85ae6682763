//! The journal as it runs: who answers an entry is woken for it, and nobody else.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guildhall_testkit::TestHub;
use journal::{Dispatcher, Entry, Event, Failure, Subscriber};
use kernel::Hub;
use people::Actor;
use plug::Module;
use store::Tx;

/// Counts what it is told.
struct Counting(&'static str, &'static [&'static str], Arc<AtomicU64>);

#[async_trait::async_trait]
impl Subscriber for Counting {
    fn name(&self) -> &'static str {
        self.0
    }

    fn answers(&self) -> &'static [&'static str] {
        self.1
    }

    async fn answer(&self, _: &Tx, _: &Entry) -> Result<(), Failure> {
        self.2.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn nothing(_: &Hub) -> Module {
    Module::new("nothing", "/nothing")
}

async fn join(hub: &Hub, name: &str) {
    let tx = hub.store.write().await.expect("a transaction");
    let event = Event::PersonJoined { user: 1, name: name.into() };
    journal::append(&tx, &Actor::system("test"), event).await.expect("an entry");
    tx.commit().await.expect("a commit");
}

async fn until(count: &AtomicU64, wanted: u64) {
    let reached = async {
        while count.load(Ordering::Relaxed) < wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let reached = tokio::time::timeout(Duration::from_secs(60), reached).await;
    assert!(reached.is_ok(), "{} of {wanted} were answered", count.load(Ordering::Relaxed));
}

#[tokio::test]
async fn entries_wake_those_who_answer_them_and_so_does_being_set_back() {
    let hub = TestHub::with([nothing as fn(&Hub) -> Module]).await;
    let (joined, left) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let subscribers: Vec<Arc<dyn Subscriber>> = vec![
        Arc::new(Counting("test/joined", &["PersonJoined"], joined.clone())),
        Arc::new(Counting("test/other", &["IssueCreated"], left.clone())),
    ];
    let dispatcher = Arc::new(Dispatcher::new(hub.hub.store.clone(), subscribers));
    dispatcher.prepare().await.expect("cursors");
    let running = tokio::spawn(dispatcher.run());
    join(&hub.hub, "ann").await;
    until(&joined, 1).await;
    join(&hub.hub, "bob").await;
    join(&hub.hub, "cyd").await;
    until(&joined, 3).await;

    // What the command line does in another process, which rings no bell here.
    let tx = hub.hub.store.write().await.expect("a transaction");
    journal::rewind(&tx, "test/joined", 0).await.expect("a cursor");
    tx.commit().await.expect("a commit");
    until(&joined, 6).await;
    assert_eq!(left.load(Ordering::Relaxed), 0);
    running.abort();
}

#[tokio::test]
async fn an_entry_costs_those_who_do_not_answer_it_nothing() {
    let hub = TestHub::with([nothing as fn(&Hub) -> Module]).await;
    let joined = Arc::new(AtomicU64::new(0));
    let mut subscribers: Vec<Arc<dyn Subscriber>> =
        vec![Arc::new(Counting("test/joined", &["PersonJoined"], joined.clone()))];
    const NAMES: [&str; 20] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
    for name in NAMES {
        subscribers.push(Arc::new(Counting(name, &["IssueCreated"], Arc::default())));
    }
    let dispatcher = Arc::new(Dispatcher::new(hub.hub.store.clone(), subscribers));
    dispatcher.prepare().await.expect("cursors");
    let running = tokio::spawn(dispatcher.run());
    join(&hub.hub, "first").await;
    until(&joined, 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = hub.hub.store.queries();
    for count in 2..12 {
        join(&hub.hub, "another").await;
        until(&joined, count).await;
    }
    let each = (hub.hub.store.queries() - before) / 10;
    assert!(each < 20, "an entry takes {each} statements");
    running.abort();
}
