//! Two hubs on one database: a job runs once, and of one key one runs at a time.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use guildhall_jobs as jobs;
use jobs::{Job, JobError, Runner, Stop};
use kernel::{Hub, Settings};
use serde_json::{Value, json};
use testkit::TestHub;
use tokio::sync::Semaphore;

/// Writes down what it is at; waits for a permit where its payload says so.
#[derive(Default)]
struct Dig(Arc<Diary>);

struct Diary {
    lines: Mutex<Vec<Line>>,
    gate: Semaphore,
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    what: &'static str,
    node: String,
    payload: Value,
}

impl Default for Diary {
    fn default() -> Self {
        Self { lines: Mutex::default(), gate: Semaphore::new(0) }
    }
}

impl Diary {
    fn note(&self, what: &'static str, hub: &Hub, payload: &Value) {
        let node = hub.settings.node.clone();
        self.lines.lock().expect("a diary").push(Line { what, node, payload: payload.clone() });
    }

    fn lines(&self) -> Vec<Line> {
        self.lines.lock().expect("a diary").clone()
    }

    /// What was begun or ended, in order.
    fn of(&self, what: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line.what == what).map(|line| line.payload).collect()
    }

    async fn until(&self, what: &str, count: usize) {
        while self.of(what).len() < count {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait::async_trait]
impl Job for Dig {
    fn name(&self) -> &'static str {
        "Dig"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        self.0.note("begun", hub, &payload);
        match payload["waits"].as_bool() {
            Some(true) => self.0.gate.acquire().await.expect("an open gate").forget(),
            // Long enough for every other hub to look for work meanwhile.
            _ => drop(jobs::query::queued(&hub.store.read(), 20).await?),
        }
        self.0.note("ended", hub, &payload);
        Ok(())
    }
}

/// Two runners of two nodes on one database, and what their jobs wrote down.
async fn pair() -> (TestHub, Arc<Runner>, Arc<Runner>, Arc<Diary>) {
    let hub = TestHub::with([]).await;
    let diary = Arc::<Diary>::default();
    let runner = |node: &str| {
        let settings = Settings { node: node.into(), ..hub.hub.settings.clone() };
        let hub = Hub::new(hub.hub.store.clone(), settings, hub.hub.templates.clone());
        Arc::new(Runner::new(hub, vec![Arc::new(Dig(diary.clone()))]))
    };
    let (one, other) = (runner("one"), runner("other"));
    (hub, one, other, diary)
}

async fn ask(hub: &TestHub, key: &str, payload: Value) {
    let tx = hub.hub.store.write().await.expect("a transaction");
    jobs::enqueue(&tx, "Dig", key, payload).await.expect("a job");
    tx.commit().await.expect("a commit");
}

async fn left(hub: &TestHub) -> Vec<jobs::query::Queued> {
    jobs::query::queued(&hub.hub.store.read(), 1000).await.expect("the queue")
}

#[tokio::test]
async fn a_job_waits_while_one_of_its_key_runs_anywhere() {
    let (hub, one, other, diary) = pair().await;
    ask(&hub, "hall", json!({ "n": 1, "waits": true })).await;
    let slow = tokio::spawn({
        let one = one.clone();
        async move { one.settle().await }
    });
    diary.until("begun", 1).await;
    ask(&hub, "hall", json!({ "n": 2 })).await;
    ask(&hub, "yard", json!({ "n": 3 })).await;
    assert_eq!(other.settle().await.expect("jobs"), 1, "the one of another key");
    assert_eq!(one.settle().await.expect("jobs"), 0, "the same hub has several workers");
    diary.gate.add_permits(1);
    assert_eq!(slow.await.expect("a task").expect("jobs"), 2, "the newer one runs after");
    let order: Vec<(&str, i64)> =
        diary.lines().iter().map(|line| (line.what, line.payload["n"].as_i64().expect("a number"))).collect();
    assert_eq!(order, [("begun", 1), ("begun", 3), ("ended", 3), ("ended", 1), ("begun", 2), ("ended", 2)]);
    assert!(left(&hub).await.is_empty());
}

#[tokio::test]
async fn a_hub_that_was_silent_neither_ends_nor_frees_what_another_took_over() {
    let (hub, one, other, diary) = pair().await;
    ask(&hub, "hall", json!({ "n": 1, "waits": true })).await;
    let settle = |runner: &Arc<Runner>| {
        let runner = runner.clone();
        tokio::spawn(async move { runner.settle().await })
    };
    let silent = settle(&one);
    diary.until("begun", 1).await;
    hub.wait(chrono::Duration::from_std(jobs::CLAIM).expect("a time") + chrono::Duration::seconds(1));
    let heir = settle(&other);
    diary.until("begun", 2).await;
    // A semaphore is fair: the first permit is for who waited first.
    diary.gate.add_permits(1);
    diary.until("ended", 1).await;
    silent.await.expect("a task").expect("jobs");
    assert_eq!(diary.lines().last().expect("a line").node, "one");
    ask(&hub, "hall", json!({ "n": 2 })).await;
    assert_eq!(one.settle().await.expect("jobs"), 0, "the other one is still at the first");
    diary.gate.add_permits(1);
    assert_eq!(heir.await.expect("a task").expect("jobs"), 2);
    assert!(left(&hub).await.is_empty());
}

/// Runs both until so many jobs have ended, as two hubs do, each with all its workers.
async fn run_both(one: Arc<Runner>, other: Arc<Runner>, work: impl Future<Output = ()>) {
    let stop = Stop::new();
    let running = [tokio::spawn(one.run(stop.clone())), tokio::spawn(other.run(stop.clone()))];
    work.await;
    stop.cancel();
    for runner in running {
        runner.await.expect("a runner that stops");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hubs_run_each_of_many_jobs_once() {
    const MANY: usize = 300;
    let (hub, one, other, diary) = pair().await;
    run_both(one, other, async {
        for n in 0..MANY {
            ask(&hub, &n.to_string(), json!({ "n": n })).await;
        }
        diary.until("ended", MANY).await;
    })
    .await;
    let begun: Vec<u64> = diary.of("begun").iter().map(|payload| payload["n"].as_u64().expect("a number")).collect();
    assert_eq!(begun.len(), MANY, "none ran twice");
    assert_eq!(begun.into_iter().collect::<BTreeSet<_>>().len(), MANY, "each ran");
    let nodes: BTreeSet<String> = diary.lines().into_iter().map(|line| line.node).collect();
    assert_eq!(nodes.len(), 2, "both hubs worked");
    assert!(left(&hub).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn jobs_of_a_few_keys_never_overlap_and_the_last_asked_for_is_the_last_that_runs() {
    const KEYS: u64 = 3;
    let (hub, one, other, diary) = pair().await;
    run_both(one, other, async {
        for n in 0..120_u64 {
            let key = n % KEYS;
            ask(&hub, &key.to_string(), json!({ "key": key, "n": n })).await;
            // One that waits takes in what is asked for after it; the next is asked for when it has begun.
            let begun = || diary.of("begun").iter().any(|payload| payload["n"] == n);
            while !begun() {
                tokio::task::yield_now().await;
            }
        }
        diary.until("ended", 120).await;
    })
    .await;
    let mut running: BTreeMap<u64, Value> = BTreeMap::new();
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for line in diary.lines() {
        let (key, n) = (line.payload["key"].as_u64().expect("a key"), line.payload["n"].as_u64().expect("a number"));
        match line.what {
            "begun" => {
                assert_eq!(running.insert(key, line.payload.clone()), None, "{line:?} begins beside another");
                assert!(last.insert(key, n).is_none_or(|before| before < n), "{line:?} comes after a newer one");
            }
            _ => assert_eq!(running.remove(&key), Some(line.payload)),
        }
    }
    assert_eq!(last.values().sum::<u64>(), 117 + 118 + 119);
    assert!(left(&hub).await.is_empty());
}
