//! The bare queries of a page, its statements on the same file, and its bare templates: without HTTP and all else around
//! them.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use kernel::{Hub, Rendered};
use plug::Module;
use sea_orm::{ConnectionTrait, Statement};
use store::{Clock, Store};
use testkit::{Browser, TestHub};
use tokio::runtime::Runtime;

use crate::clients::cpu;

/// Enough for every page that is asked for to be there.
const ROWS: u64 = 2000;
const ROUNDS: u32 = 500;

/// A small hub in this process that tells which statements a page sends, and what it renders.
pub struct Bare {
    runtime: Runtime,
    hub: TestHub,
    ann: Browser,
}

impl Bare {
    pub fn new() -> Self {
        let modules: [fn(&Hub) -> Module; 2] = [
            |hub| tracker::module(hub, tracker::Config::default()),
            |hub| accounts::module(hub, accounts::Config::default()),
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (hub, ann) = runtime.block_on(async {
            let hub = TestHub::with(modules).await;
            tracker::prepare(&hub.hub, &tracker::Config::default()).await.expect("a tracker");
            let ann = hub.admin("ann").await;
            crate::data::fill_store(&hub.hub.store, ROWS).await;
            (hub, ann)
        });
        Self { runtime, hub, ann }
    }

    /// What a page asks the database, and what it renders: when it is read anew, as after a change of the tracker, or when
    /// the hub knows what it shows.
    async fn parts(&self, path: &str, anew: bool) -> (Vec<Statement>, Vec<Rendered>) {
        self.ann.get(path).await.expect(200);
        if anew {
            let changed = "UPDATE tracker SET version = version + 1";
            self.hub.hub.store.migrating().execute_unprepared(changed).await.expect("a tracker");
            // The first list behind a change asks what changed, for all of them.
            self.ann.get("/issues/").await.expect(200);
        }
        self.hub.hub.store.record();
        self.hub.hub.templates.record();
        self.ann.get(path).await.expect(200);
        let mut statements = self.hub.hub.store.recorded();
        statements.retain(|statement| statement.sql.starts_with("SELECT") || statement.sql.starts_with("WITH"));
        (statements, self.hub.hub.templates.recorded())
    }

    /// The CPU time of the statements of a page on the database of a running hub, and that of its templates.
    pub fn cost(&self, data: &Path, path: &str, anew: bool) -> Cost {
        self.runtime.block_on(async {
            let (statements, rendered) = self.parts(path, anew).await;
            let store = Store::open("sqlite", data, Clock::machine()).await.expect("the database of the hub");
            let read = store.read();
            let database = each(async || {
                for statement in &statements {
                    read.query_all_raw(statement.clone()).await.expect("a statement of the page");
                }
            });
            let database = database.await;
            store.close().await;
            let templates = each(async || {
                for (name, context) in &rendered {
                    black_box(self.hub.hub.templates.render(name, context).expect("a template of the page"));
                }
            });
            Cost { statements: statements.len(), database, templates: templates.await }
        })
    }
}

/// What a page costs without all that is around it.
pub struct Cost {
    pub statements: usize,
    pub database: Duration,
    pub templates: Duration,
}

/// The CPU time that something takes, again and again.
async fn each(work: impl AsyncFn()) -> Duration {
    for _ in 0..20 {
        work().await;
    }
    let before = cpu(std::process::id());
    for _ in 0..ROUNDS {
        work().await;
    }
    cpu(std::process::id()).saturating_sub(before) / ROUNDS
}
