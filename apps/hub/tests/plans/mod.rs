//! Every page at 100,000 rows: what its statements read and sort, and that it asks as often for five rows as for fifty.

mod fill;
mod more;
mod pages;
mod routed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use http::{Request, header};
use journal::Dispatcher;
use kernel::Hub;
use plug::Module;
use store::Store;
use store::sea_orm::{ConnectionTrait, DbBackend};
use testkit::{Browser, Reply, Scales, TestHub, Weight};

use crate::config::Config;
use crate::web::checkup::Checkup;
use crate::web::metrics;
use fill::fill;
use pages::{ARCHIVES, LEADING, PAGES, WHOLE};

/// The most that one statement may read: SQLite in instructions (ten thousand rows, counted), PostgreSQL in rows.
const WORK: (u64, u64) = (200_000, 20_000);
/// The same of a count that stops at 10,000 on PostgreSQL, which finds them along the table where every second to fifth row
/// is one of them.
const COUNTED: u64 = 50_000;
/// The most rows of a table that does not stay small that one statement may read from end to end, or sort.
const SCANNED: u64 = 2_000;
const SORTED: u64 = 500;
/// How much of an archive is fetched, bytes: some pieces of it.
const START: usize = 2_000;
/// The most statements that one page may send.
const STATEMENTS: usize = 25;
/// Tables of which a plan may read every row: they do not grow with what people write.
const SMALL: &[&str] = &[
    "tracker",
    "tracker_class",
    "tracker_property",
    "tracker_item",
    "tracker_query",
    "mailing_list",
    "list_ban",
    "repository",
    "chat_channel",
    "user_group",
    "oidc_client",
    "oidc_key",
    "site_build",
    "journal_cursor",
    "journal_parked",
    "role_grant",
    "schedule",
    "lease",
    "group_member",
];

/// Statements that still read more than a page should, by a part of their text. The groups want a table of counts.
const KNOWN: &[(&str, &str)] = &[
    ("lower(\"user\".\"display_name\")", "a search for a part of a name reads all people"),
    ("\"list_member\".\"address_key\" LIKE", "a search for a part of an address reads the roster of one list"),
    ("GROUP BY \"list_member\".\"list_id\"", "the list of lists counts all members"),
    ("GROUP BY \"list_post\".\"month\"", "a list counts the posts of each month"),
    ("GROUP BY \"revision\".\"participant_id\"", "the people of a repository are counted from its commits"),
    ("GROUP BY \"chat_line\".\"day\"", "a channel counts the lines of each day"),
    ("GROUP BY \"journal\".\"module\"", "a person's page counts all that they did"),
    ("LIMIT 100000 OFFSET 0", "a CSV file has every issue of a list, and finds them with one statement"),
    ("to_tsquery", "PostgreSQL reads every document that has the word, to rank them"),
];

/// Every module as the program has it, and the hub's own pages.
pub fn everything() -> [fn(&Hub) -> Module; 7] {
    [
        |hub| tracker::module(hub, tracker::Config::default()),
        |hub| lists::module(hub, lists::Config::default()),
        |hub| commits::module(hub, commits::Config::default()),
        |hub| site::module(hub, site::Config::default()),
        |hub| chat::module(hub, chat::Config::default()),
        |hub| accounts::module(hub, accounts::Config::default()),
        |hub| {
            let dispatcher = Arc::new(Dispatcher::new(hub.store.clone(), vec![]));
            let names = ["tracker", "lists", "commits", "site", "chat", "accounts"];
            let config = config(hub);
            let routes = crate::web::routes(hub, &names, vec![], dispatcher)
                .layer(Extension(Arc::new(crate::settings::tables(&config))))
                .layer(Extension(Arc::new(metrics::Readers {
                    networks: config.hub.metrics.clone(),
                    ..Default::default()
                })))
                .layer(Extension(Arc::new(Checkup::new(config))));
            Module { routes, ..Module::new("hub", "/") }
        },
    ]
}

/// A configuration that says nothing but where its data lies, and that this machine reads the metrics.
fn config(hub: &Hub) -> Config {
    let mut config = crate::config::read("guildhall.toml", "", &BTreeMap::new()).expect("nothing said is no fault");
    config.hub.data = hub.store.data().to_owned();
    config.hub.metrics = vec!["127.0.0.1".to_owned().try_into().expect("an address")];
    config
}

/// A hub with so many rows of everything, and who looks at it.
struct Filled {
    hub: TestHub,
    admin: Browser,
    /// Somebody with an account and no rights.
    person: Browser,
    stranger: Browser,
}

impl Filled {
    async fn with(rows: u64) -> Self {
        metrics::begin().expect("the metrics");
        let hub = TestHub::with(everything()).await;
        let named = tracker::Config { default: "website".into(), ..tracker::Config::default() };
        tracker::prepare(&hub.hub, &tracker::Config::default()).await.expect("a tracker");
        site::prepare(&hub.hub, &site::Config::default()).await.expect("the manual");
        hub.settle().await;
        let (admin, person, stranger) = (hub.admin("admin").await, hub.user("ann").await, hub.stranger());
        fill(&hub.hub.store, rows).await;
        tracker::prepare(&hub.hub, &named).await.expect("a tracker with a name");
        more::more(&hub.hub.store, rows).await;
        let filled = Self { hub, admin, person, stranger };
        for path in ["/issues/", "/issues/website/"] {
            filled.holds(path).await;
        }
        filled
    }

    /// Asks for a list until its tracker is held in memory. Until then the database finds it, by more than a page reads.
    async fn holds(&self, path: &str) {
        for _ in 0..600 {
            let (statements, _) = self.look(&self.stranger, path).await;
            if !statements.iter().any(|statement| statement.sql.contains("ORDER BY i.activity_at")) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{path} is found by the database for ever");
    }

    /// Who looks at a page of `pages.rs`.
    fn who(&self, word: &str) -> Vec<(&'static str, &Browser)> {
        let all = [("an administrator", &self.admin), ("a person", &self.person), ("a stranger", &self.stranger)];
        let count = match word {
            "admin" => 1,
            "known" => 2,
            _ => 3,
        };
        all.into_iter().take(count).collect()
    }

    /// The statements of a page, and whether it answered as it should.
    async fn look(&self, browser: &Browser, path: &str) -> (Vec<store::sea_orm::Statement>, u16) {
        let store = &self.hub.hub.store;
        // What a page keeps in memory must not hide what it costs to make.
        let at = fetch(browser, path).await.status.as_u16();
        self.hub.wait(chrono::Duration::minutes(2));
        change(store).await;
        store.record();
        let reply = fetch(browser, path).await;
        let statements = store.recorded();
        assert_eq!(reply.status.as_u16(), at, "{path} answers once this way, once that: {}", reply.text());
        (statements, at)
    }

    /// The statements of a page that is long, until it has begun, looked at once.
    async fn look_once(&self, browser: &Browser, path: &str) -> (Vec<store::sea_orm::Statement>, u16) {
        let store = &self.hub.hub.store;
        store.record();
        let status = browser.get_start(path, START).await.status.as_u16();
        (store.recorded(), status)
    }
}

/// Asks for a page as a browser does, and for `/auth/check` as another web server.
async fn fetch(browser: &Browser, path: &str) -> Reply {
    let request = Request::get(path).header(header::ACCEPT, "text/html").header("x-original-uri", "/");
    browser.send(request.body(Body::empty()).expect("a request")).await
}

/// Lists and issues are kept until their tracker changes, however long that takes.
async fn change(store: &Store) {
    store.migrating().execute_unprepared("UPDATE tracker SET version = version + 1").await.expect("a change");
}

/// What a statement does that no page should, if it does.
fn faults(path: &str, weight: &Weight, sqlite: bool) -> Option<String> {
    if KNOWN.iter().any(|(part, _)| weight.sql.contains(part)) {
        return None;
    }
    let counts = weight.sql.starts_with("SELECT COUNT(*) FROM (SELECT") && weight.sql.contains("LIMIT");
    let most = match (sqlite, counts) {
        (true, _) => WORK.0,
        (false, true) => COUNTED,
        (false, false) => WORK.1,
    };
    let large =
        |(table, rows): &&(String, u64)| *rows > 0 && !SMALL.contains(&table.as_str()) && !table.starts_with('(');
    // A walk along an index or the primary key that stops at a LIMIT is no scan, and the work tells whether it stops.
    let walks = counts || sqlite && weight.sql.contains("LIMIT") && !weight.plan.contains("TEMP B-TREE FOR ORDER BY");
    let scans = weight.scanned.iter().filter(large).any(|(_, rows)| *rows > if sqlite { SCANNED / 4 } else { SCANNED });
    let mut wrong = vec![];
    if weight.work > most {
        wrong.push("reads too much");
    }
    if scans && !walks {
        wrong.push("reads a table from end to end");
    }
    if weight.sorted > SORTED {
        wrong.push("sorts without an index");
    }
    (!wrong.is_empty()).then(|| {
        let plan = weight.plan.replace('\n', "\n    ");
        format!(
            "{path} {}\n  work {}, sorted {}\n  {}\n  {plan}",
            wrong.join(", "),
            weight.work,
            weight.sorted,
            weight.sql
        )
    })
}

#[tokio::test]
async fn no_page_reads_a_large_table_from_end_to_end() {
    let filled = Filled::with(100_000).await;
    let scales = Scales::new(&filled.hub.hub.store).await;
    let sqlite = filled.hub.hub.store.backend() == DbBackend::Sqlite;
    // Of statements that differ only in their values the first one that is at fault is told.
    let (mut found, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let paths = PAGES.iter().map(|(who, path)| (*who, *path, 200)).chain(LEADING.iter().map(|path| ("all", *path, 0)));
    for (who, path, wanted) in paths {
        let whole = ARCHIVES.contains(&path);
        for (name, browser) in filled.who(who).into_iter().take(if whole { 1 } else { 3 }) {
            let looked = if whole { filled.look_once(browser, path).await } else { filled.look(browser, path).await };
            let (statements, status) = looked;
            if (wanted == 200 && status != 200) || status >= 500 {
                found.insert(format!("{path} {status}"), format!("{path} answers {name} with {status}"));
            }
            for statement in &statements {
                if seen.insert(format!("{statement:?}"))
                    && let Some(fault) = faults(path, &scales.weigh(statement).await, sqlite)
                {
                    found.entry(statement.sql.clone()).or_insert(fault);
                }
            }
        }
    }
    let told: Vec<String> = found.into_values().collect();
    assert!(told.is_empty(), "{} faults:\n\n{}", told.len(), told.join("\n\n"));
}

#[tokio::test]
async fn a_page_asks_as_often_for_five_rows_as_for_fifty() {
    let (few, many) = (Filled::with(5).await, Filled::with(49).await);
    let mut found = vec![];
    let pages = PAGES.iter().filter(|(_, path)| !WHOLE.contains(path)).map(|(who, path)| (*who, *path));
    for (who, path) in pages.chain(LEADING.iter().map(|path| ("all", *path))) {
        for ((name, few_eyes), (_, many_eyes)) in few.who(who).into_iter().zip(many.who(who)) {
            let (small, small_status) = few.look(few_eyes, path).await;
            let (large, large_status) = many.look(many_eyes, path).await;
            if small_status != large_status || large_status >= 500 {
                found.push(format!("{path} answers {name} with {small_status} for 5 rows, {large_status} for 49"));
            }
            // Statements that make room for nothing (`IN ()`) are left out by some pages, and a total may be asked once more.
            if large.len() > small.len() + 3 {
                let texts: Vec<&str> = large.iter().map(|statement| statement.sql.as_str()).collect();
                let counts = format!("{} statements for 5 rows, {} for 49", small.len(), large.len());
                found.push(format!("{path}, {name}: {counts}:\n  {}", texts.join("\n  ")));
            }
            if large.len() > STATEMENTS {
                found.push(format!("{path} sends {} statements", large.len()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}
