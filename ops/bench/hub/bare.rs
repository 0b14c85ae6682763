//! The bare queries of a page: its statements on the same file, without HTTP, templates and all else around them.

use std::path::Path;
use std::time::Duration;

use kernel::Hub;
use plug::Module;
use sea_orm::{ConnectionTrait, Statement};
use store::{Clock, Store};
use testkit::{Browser, TestHub};
use tokio::runtime::Runtime;

use crate::clients::cpu;

/// Enough for every page that is asked for to be there.
const ROWS: u64 = 2000;
const ROUNDS: u32 = 500;

/// A small hub in this process that tells which statements a page sends.
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

    /// The reading statements of a page, with their values.
    async fn statements(&self, path: &str) -> Vec<Statement> {
        self.ann.get(path).await.expect(200);
        self.hub.hub.store.record();
        self.ann.get(path).await.expect(200);
        let mut statements = self.hub.hub.store.recorded();
        statements.retain(|statement| statement.sql.starts_with("SELECT") || statement.sql.starts_with("WITH"));
        statements
    }

    /// How many statements a page sends, and the CPU time of all of them on the database of a running hub.
    pub fn cost(&self, data: &Path, path: &str) -> (usize, Duration) {
        self.runtime.block_on(async {
            let statements = self.statements(path).await;
            let store = Store::open("sqlite", data, Clock::machine()).await.expect("the database of the hub");
            let read = store.read();
            let all = async |rounds: u32| {
                for _ in 0..rounds {
                    for statement in &statements {
                        read.query_all_raw(statement.clone()).await.expect("a statement of the page");
                    }
                }
            };
            all(20).await;
            let before = cpu(std::process::id());
            all(ROUNDS).await;
            let spent = cpu(std::process::id()).saturating_sub(before);
            store.close().await;
            (statements.len(), spent / ROUNDS)
        })
    }
}
