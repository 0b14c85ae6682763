//! Each step of the database, taken on what a hub of that time had written (`migrations/data`): no row changes, and every
//! door reads and writes as before.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod fill;

use std::path::Path;

use kernel::Hub;
use plug::Module;
use store::Store;
use store::sea_orm::DbBackend;
use testkit::{TestHub, form, mail};

use fill::{data, fill, tables, texts};

fn everything() -> [fn(&Hub) -> Module; 6] {
    [
        |hub| tracker::module(hub, tracker::Config::default()),
        |hub| lists::module(hub, lists::Config::default()),
        |hub| commits::module(hub, commits::Config::default()),
        |hub| site::module(hub, site::Config::default()),
        |hub| chat::module(hub, chat::Config::default()),
        |hub| accounts::module(hub, accounts::Config::default()),
    ]
}

/// Every table with its columns at this moment, and its rows as text.
struct Held {
    table: String,
    columns: Vec<String>,
    rows: Vec<String>,
}

async fn held(store: &Store) -> Vec<Held> {
    let sqlite = store.backend() == DbBackend::Sqlite;
    let mut all = vec![];
    for table in tables(store).await {
        let columns = match sqlite {
            true => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY name"),
            false => format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY 1"
            ),
        };
        let columns = texts(store, columns).await;
        let rows = rows(store, &table, &columns).await;
        all.push(Held { table, columns, rows });
    }
    all
}

async fn rows(store: &Store, table: &str, columns: &[String]) -> Vec<String> {
    let (open, close, between) = match store.backend() {
        DbBackend::Sqlite => ("quote(", ")", " || ', ' || "),
        _ => ("quote_nullable(", ")", " || ', ' || "),
    };
    let columns: Vec<String> = columns.iter().map(|column| format!("{open}\"{column}\"{close}")).collect();
    texts(store, format!("SELECT {} FROM \"{table}\" ORDER BY 1", columns.join(between))).await
}

/// Takes every step, on what was there before it.
async fn grow(store: &Store) {
    let (mut before, mut filled): (Vec<Held>, usize) = (vec![], 0);
    while let Some(step) = migrations::take_one(store.migrating()).await.expect("the step is taken") {
        for Held { table, columns, rows: known } in &before {
            assert_eq!(&rows(store, table, columns).await, known, "{table} after {step}");
        }
        if let Some(sql) = data(&step) {
            fill(store, &sql).await;
            filled += 1;
        }
        before = held(store).await;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/data");
    assert_eq!(std::fs::read_dir(folder).expect("the data").count(), filled, "every file belongs to a step");
    assert!(before.iter().filter(|held| !held.rows.is_empty()).count() > 35, "there are data in most tables");
}

#[tokio::test]
async fn what_was_there_before_a_step_is_there_after_it() {
    let hub = TestHub::grown(everything(), grow).await;
    let ann = hub.stranger();
    ann.post("/login", form! { name: "ann", password: "correct horse battery staple" }).await.expect(303);
    let mut wrong = vec![];
    for (page, texts) in [
        ("/issues/", &["Crash in the rapids"][..]),
        ("/issues/1", &["Crash in the rapids", "It crashes, see", "I see it too.", "501a32e4"]),
        ("/lists/dev/", &["Which rapids"]),
        ("/lists/dev/1@example.org/", &["Which rapids do we take?"]),
        ("/lists/dev/2@example.org/", &["The left ones."]),
        ("/commits/hall/", &["Portage around the rapids"]),
        ("/chat/test/dev/2026-11-21.txt", &["<tom> the left rapids are wild", "<tom> caf\u{e9} at noon"]),
        ("/people/ann", &["ann"]),
        ("/me", &["ann"]),
    ] {
        let shown = ann.get(page).await;
        let missing = texts.iter().filter(|text| !shown.text().contains(**text));
        wrong.extend(missing.map(|text| format!("{page} ({}) does not say {text}", shown.status)));
    }
    assert_eq!(wrong, Vec::<String>::new());
    let copies = hub.outbox().await;
    assert_eq!(copies.count(), 14, "the queue is as it was");
    assert!(copies.0.iter().any(|sent| sent.body().contains("The left ones.")), "with the bytes of its mails");

    // And it goes on: new rows beside the old ones, and what is derived is made anew.
    hub.settle().await;
    ann.post("/issues/1", form! { message: "Mended by the portage." }).await.expect(303);
    ann.post("/issues/new", form! { title: "The next one", message: "It has a number of its own." }).await.expect(303);
    let answer = mail! {
        from: "bob@example.org", to: "dev@hub.test", subject: "Re: Which rapids", in_reply_to: "2@example.org",
        message_id: "5@example.org",
        body: "The right ones are dry."
    };
    hub.mail_in(answer).await;
    hub.settle().await;
    assert!(ann.get("/issues/1").await.expect(200).text().contains("Mended by the portage."));
    assert!(ann.get("/issues/2").await.expect(200).text().contains("The next one"));
    assert!(ann.get("/lists/dev/5@example.org/").await.expect(200).text().contains("The right ones are dry."));
    assert!(ann.get("/issues/?q=crashes").await.expect(200).text().contains("Crash in the rapids"), "it is found");
}
