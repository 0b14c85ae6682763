//! Every page at 100,000 rows: what its statements read, and that it asks as often for five rows as for fifty.

mod fill;
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Extension;
use journal::Dispatcher;
use kernel::Hub;
use plug::Module;
use store::sea_orm::DbBackend;
use testkit::{Browser, Scales, TestHub, Weight};

use crate::web::checkup::Checkup;
use fill::fill;
use pages::{LEADING, PAGES, WHOLE};

/// The most that one statement may read: SQLite in instructions (ten thousand rows, counted), PostgreSQL in rows.
const WORK: (u64, u64) = (200_000, 20_000);
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
            let routes = crate::web::routes(hub, &names, vec![], dispatcher).layer(Extension(Arc::new(checkup(hub))));
            Module { routes, ..Module::new("hub", "/") }
        },
    ]
}

/// The doctor of a hub whose configuration says nothing but where its data lies.
fn checkup(hub: &Hub) -> Checkup {
    let mut config = crate::config::read("guildhall.toml", "", &BTreeMap::new()).expect("nothing said is no fault");
    config.hub.data = hub.store.data().to_owned();
    Checkup::new(config)
}

async fn hub_with(rows: u64) -> (TestHub, Browser) {
    let hub = TestHub::with(everything()).await;
    tracker::prepare(&hub.hub, &tracker::Config::default()).await.expect("a tracker");
    let admin = hub.admin("admin").await;
    fill(&hub.hub.store, rows).await;
    (hub, admin)
}

/// The statements of a page, and whether it answered as it should.
async fn look(hub: &TestHub, browser: &Browser, path: &str) -> (Vec<store::sea_orm::Statement>, u16) {
    let store = &hub.hub.store;
    // What a page keeps in memory must not hide what it costs to make.
    let at = browser.get(path).await.status.as_u16();
    hub.wait(chrono::Duration::minutes(2));
    store.record();
    let reply = browser.get(path).await;
    let statements = store.recorded();
    assert_eq!(reply.status.as_u16(), at, "{path} answers once this way, once that: {}", reply.text());
    (statements, at)
}

fn faults(path: &str, weight: &Weight, sqlite: bool) -> Option<String> {
    let most = if sqlite { WORK.0 } else { WORK.1 };
    let large: Vec<&String> =
        weight.scanned.iter().filter(|table| !SMALL.contains(&table.as_str()) && !table.starts_with('(')).collect();
    // A walk along an index or the primary key that stops at a LIMIT is no scan, and the work tells whether it stops.
    let walks = weight.sql.contains("LIMIT") && !weight.plan.contains("TEMP B-TREE FOR ORDER BY");
    let unbounded = sqlite && !large.is_empty() && !walks && weight.work > 2_000;
    let known = KNOWN.iter().any(|(part, _)| weight.sql.contains(part));
    (!known && (weight.work > most || unbounded))
        .then(|| format!("{path}\n  work {}\n  {}\n  {}", weight.work, weight.sql, weight.plan.replace('\n', "\n    ")))
}

#[tokio::test]
async fn no_page_reads_a_large_table_from_end_to_end() {
    let (hub, admin) = hub_with(100_000).await;
    let stranger = hub.stranger();
    let scales = Scales::new(&hub.hub.store).await;
    let sqlite = hub.hub.store.backend() == DbBackend::Sqlite;
    let (mut found, mut seen) = (vec![], BTreeSet::new());
    let paths = PAGES.iter().map(|(who, path)| (*who, *path, 200)).chain(LEADING.iter().map(|path| ("all", *path, 0)));
    for (who, path, wanted) in paths {
        for browser in [Some(&admin), (who == "all").then_some(&stranger)].into_iter().flatten() {
            let (statements, status) = look(&hub, browser, path).await;
            if wanted == 200 && status != 200 {
                found.push(format!("{path} answers {status}"));
            }
            for statement in &statements {
                if seen.insert(format!("{statement:?}")) {
                    found.extend(faults(path, &scales.weigh(statement).await, sqlite));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} statements read too much:\n\n{}", found.len(), found.join("\n\n"));
}

#[tokio::test]
async fn a_page_asks_as_often_for_five_rows_as_for_fifty() {
    let ((few, few_admin), (many, many_admin)) = (hub_with(5).await, hub_with(49).await);
    let mut found = vec![];
    for path in PAGES.iter().map(|(_, path)| *path).filter(|path| !WHOLE.contains(path)).chain(LEADING.iter().copied())
    {
        let (small, small_status) = look(&few, &few_admin, path).await;
        let (large, large_status) = look(&many, &many_admin, path).await;
        // Statements that make room for nothing (`IN ()`) are left out by some pages, and a total may be asked once more.
        if small_status == large_status && large.len() > small.len() + 2 {
            let texts: Vec<&str> = large.iter().map(|statement| statement.sql.as_str()).collect();
            found.push(format!(
                "{path}: {} statements for 5 rows, {} for 49:\n  {}",
                small.len(),
                large.len(),
                texts.join("\n  ")
            ));
        }
        if large.len() > STATEMENTS {
            found.push(format!("{path} sends {} statements", large.len()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}
