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

/// Answers nobody's name but `ann`: the others' it refuses, or panics over.
struct Choosy(bool);

#[async_trait::async_trait]
impl Subscriber for Choosy {
    fn name(&self) -> &'static str {
        if self.0 { "test/panics" } else { "test/refuses" }
    }

    fn answers(&self) -> &'static [&'static str] {
        &["PersonJoined"]
    }

    async fn answer(&self, _: &Tx, entry: &Entry) -> Result<(), Failure> {
        match &entry.event {
            Event::PersonJoined { name, .. } if name == "ann" => Ok(()),
            _ if self.0 => panic!("it panics over everybody else"),
            _ => Err(Failure("everybody else is refused".into())),
        }
    }
}

/// Counts in a row, which is taken back with its transaction.
struct Noting;

#[async_trait::async_trait]
impl Subscriber for Noting {
    fn name(&self) -> &'static str {
        "test/notes"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["PersonJoined"]
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let Event::PersonJoined { name, .. } = &entry.event else { return Ok(()) };
        let noted = store::note(tx, "test").await?.unwrap_or_default();
        Ok(store::set_note(tx, "test", &format!("{noted}{name} ")).await?)
    }
}

fn nothing(_: &Hub) -> Module {
    Module::new("nothing", "/nothing")
}

async fn join(hub: &Hub, name: &str) {
    let tx = hub.store.write().await.expect("a transaction");
    let event = Event::PersonJoined { user: 1, name: name.into() };
    journal::append(&tx, &Actor::system("test"), event).expect("an entry");
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
async fn who_fails_or_panics_holds_up_nobody() {
    let hub = TestHub::with([nothing as fn(&Hub) -> Module]).await;
    let subscribers: Vec<Arc<dyn Subscriber>> = vec![Arc::new(Noting), Arc::new(Choosy(false)), Arc::new(Choosy(true))];
    let dispatcher = Arc::new(Dispatcher::new(hub.hub.store.clone(), subscribers));
    dispatcher.prepare().await.expect("cursors");
    let running = tokio::spawn(dispatcher.run());
    for name in ["ann", "bob", "ann", "cyd", "ann"] {
        join(&hub.hub, name).await;
    }
    let conn = hub.hub.store.read();
    let last = journal::query::last(&conn).await.expect("the last entry");
    let all_done = async {
        loop {
            let cursors = journal::query::cursors(&conn).await.expect("cursors");
            let done = |name: &str| cursors.get(name) == Some(&last);
            if done("test/notes") && done("test/refuses") && done("test/panics") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all_done).await.expect("everybody goes on behind what failed");
    let mut parked: Vec<_> = journal::query::parked(&conn).await.expect("parked entries");
    parked.sort_by(|a, b| (&a.subscriber, a.entry).cmp(&(&b.subscriber, b.entry)));
    let parked: Vec<_> = parked.iter().map(|parked| (parked.subscriber.as_str(), last - parked.entry)).collect();
    assert_eq!(parked, [("test/panics", 3), ("test/panics", 1), ("test/refuses", 3), ("test/refuses", 1)]);
    let noted = store::note(&conn, "test").await.expect("a note");
    assert_eq!(noted.as_deref(), Some("ann bob ann cyd ann "), "each once, in order");
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
    assert!(each < 12, "an entry takes {each} statements");
    running.abort();
}
