//! The hub of the tests is itself tested: a page, a stale form, the journal, the index.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use axum::Router;
use axum::routing::{get, post};
use guildhall_testkit::{TestHub, form};
use journal::Event;
use kernel::{Hub, context};
use people::Actor;
use plug::Module;
use serde::Deserialize;
use store::Paging;
use store::sea_orm::{ConnectionTrait, DbBackend, Statement};
use web::{CsrfForm, CurrentUser, Page, Result};

#[derive(Deserialize)]
struct Note {
    text: String,
}

fn notes(_: &Hub) -> Module {
    async fn show(page: Page) -> Result<axum::response::Response> {
        page.render(
            "error.html",
            context! { status: 200, headline: "Notes", text: page.actor().name(), mend: "", title: "Notes" },
        )
    }
    async fn add(user: CurrentUser, CsrfForm(note): CsrfForm<Note>) -> Result<axum::response::Response> {
        let tx = user.hub().store.write().await?;
        let event = Event::PersonJoined { user: 1, name: note.text };
        journal::append(&tx, user.actor(), event)?;
        tx.commit().await?;
        Ok(web::see_other("/notes"))
    }
    let mut module = Module::new("notes", "/notes");
    module.routes = Router::new().route("/notes", get(show)).route("/notes/new", post(add));
    module
}

#[tokio::test]
async fn a_person_posts_a_form_and_it_stands_in_the_activity() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let ann = hub.user("ann").await;
    assert!(ann.get("/notes").await.expect(200).text().contains("ann"));
    let answer = ann.post("/notes/new", form! { text: "bob" }).await;
    assert_eq!(answer.location(), "/notes");
    hub.settle().await;
    let wanted = journal::query::Wanted::default();
    let lines =
        journal::query::stream(&hub.hub.store.read(), &Actor::Anonymous, &wanted, 10).await.expect("the stream");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].who, "ann");
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let ann = hub.user("ann").await;
    let stale = ann.post_raw("/notes/new", &[("text".into(), "bob".into()), ("csrf".into(), "old".into())]).await;
    let text = stale.expect(403).text();
    assert!(text.contains("too old or comes from another place"), "{text}");
    assert_eq!(journal::query::last(&hub.hub.store.read()).await.expect("the journal"), 0);
}

#[tokio::test]
async fn a_stranger_is_sent_to_sign_in_and_a_wrong_address_says_so() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let stranger = hub.stranger();
    assert!(stranger.post("/notes/new", form! { text: "x" }).await.expect(401).text().contains("Sign in first"));
    assert!(stranger.get("/nowhere").await.expect(404).text().contains("There is no such page"));
    assert!(stranger.get("/notes").await.headers.contains_key("content-security-policy"));
}

#[tokio::test]
async fn what_is_indexed_is_found_by_those_who_may_see_it() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let ann = hub.user("ann").await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    for (key, audience) in [("a/1", "public"), ("a/2", "members"), ("a/3", "admins")] {
        let document = search::Document {
            key: key.into(),
            module: "tracker",
            kind: "issue",
            url: format!("/{key}"),
            title: "Crash on start".into(),
            body: "It crashes, see #12 and r77.".into(),
            participant: None,
            at: tx.now(),
            audience: audience.into(),
        };
        search::put(&tx, document).await.expect("an index");
    }
    tx.commit().await.expect("a commit");
    let conn = hub.hub.store.read();
    for (actor, count) in [(Actor::Anonymous, 1), (ann.actor().await, 2), (Actor::system("test"), 3)] {
        let question = search::Question { text: "crash start".into(), ..Default::default() };
        let found = search::find(&conn, &actor, &question, Paging::first(10)).await.expect("an answer");
        assert_eq!((found.total, found.items.len()), (count, count as usize), "{actor:?}");
        let back = search::backlinks(&conn, &actor, &["issue:12".into()], 10).await.expect("links");
        assert_eq!(back.len(), count as usize);
    }
}

fn document(key: String, title: &str, body: &str, tx: &store::Tx) -> search::Document {
    search::Document {
        url: format!("/{key}"),
        key,
        module: "lists",
        kind: "post",
        title: title.into(),
        body: body.into(),
        participant: None,
        at: tx.now(),
        audience: "public".into(),
    }
}

async fn found(hub: &TestHub, question: search::Question, number: u64) -> (u64, Vec<String>) {
    let conn = hub.hub.store.read();
    let found = search::find(&conn, &Actor::Anonymous, &question, Paging::new(number, 100)).await.expect("an answer");
    (found.total, found.items.into_iter().map(|item| item.key).collect())
}

#[tokio::test]
async fn a_word_that_stands_everywhere_brings_titles_and_the_newest() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    let mut documents = vec![document("lists/post/dev/0".into(), "A crash", "nothing", &tx)];
    for number in 1..=1_200 {
        let list = if number % 100 == 0 { "dev" } else { "users" };
        documents.push(document(format!("lists/post/{list}/{number}"), "Re: hello", "it came to a crash", &tx));
    }
    search::put_many(&tx, documents).await.expect("an index");
    tx.commit().await.expect("a commit");
    let crash = || search::Question { text: "crash".into(), ..Default::default() };
    let (total, first) = found(&hub, crash(), 1).await;
    assert_eq!(total, search::MOST);
    assert_eq!(first[..3], ["lists/post/dev/0", "lists/post/dev/1200", "lists/post/users/1199"]);
    let (_, last) = found(&hub, crash(), 10).await;
    assert_eq!((last.len(), last[99].as_str()), (100, "lists/post/users/202"));
    assert_eq!(found(&hub, crash(), 11).await.1, Vec::<String>::new());
    // In one list there are few, which come in the order of how well they match.
    let (total, few) = found(&hub, search::Question { key_prefix: Some("lists/post/dev/".into()), ..crash() }, 1).await;
    assert_eq!((total, few[0].as_str()), (13, "lists/post/dev/0"));
    assert_eq!(found(&hub, search::Question { text: "crash in:lists".into(), ..Default::default() }, 1).await.0, 1_000);
    assert_eq!(found(&hub, search::Question { text: "crash in:tracker".into(), ..Default::default() }, 1).await.0, 0);
    assert_eq!(found(&hub, search::Question { text: "crash by:nobody".into(), ..Default::default() }, 1).await.0, 0);
}

#[tokio::test]
async fn numbers_are_those_of_one_folder_however_many_documents_have_the_word() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    let mut documents = vec![];
    for number in 1..=5_100 {
        let (folder, body) = (["bugs", "wishes"][number % 2], if number % 1_000 < 2 { "odd crash" } else { "crash" });
        documents.push(document(format!("tracker/{folder}/{number}"), "Hello", body, &tx));
    }
    search::put_many(&tx, documents).await.expect("an index");
    tx.commit().await.expect("a commit");
    let conn = hub.hub.store.read();
    let numbers = async |text| {
        let mut numbers = search::numbers(&conn, text, "tracker/bugs/").await.expect("an answer");
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(numbers("crash").await, (1..=2_550).map(|half| half * 2).collect::<Vec<i64>>());
    assert_eq!(numbers("odd").await, [1_000, 2_000, 3_000, 4_000, 5_000]);
    assert_eq!(numbers("crash -odd").await.len(), 2_545);
    assert_eq!(numbers("even").await, Vec::<i64>::new());
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_on_either_database() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    let body = "The herons don't rest at low-water, says tide.toml (C:\\tide).";
    search::put(&tx, document("lists/post/dev/1".into(), "A walk", body, &tx)).await.expect("an index");
    tx.commit().await.expect("a commit");
    for (asked, count) in [
        ("heron", 1),
        ("hero don't", 1),
        ("her -rest", 0),
        ("her -wind", 1),
        ("\"low-water\"", 1),
        ("low-wat", 1),
        ("\"rest at\" wal", 1),
        ("\"rest a\"", 0),
        ("he", 0),
        ("eron", 0),
        ("c:\\tide", 1),
        ("tide.tom", 1),
        ("hero' | 'x", 0),
        ("her:* & !", 1),
    ] {
        let question = search::Question { text: asked.into(), ..Default::default() };
        assert_eq!(found(&hub, question, 1).await.0, count, "{asked}");
    }
}

#[tokio::test]
async fn the_index_follows_what_is_put_anew_and_taken_out() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let ask = |text: &str| search::Question { text: text.into(), newest: true, ..Default::default() };
    for (title, body, words, gone) in
        [("One", "first words", "first", "second"), ("One", "second words", "second", "first")]
    {
        let tx = hub.hub.store.write().await.expect("a transaction");
        search::put(&tx, document("lists/post/dev/1".into(), title, body, &tx)).await.expect("an index");
        tx.commit().await.expect("a commit");
        assert_eq!((found(&hub, ask(words), 1).await.0, found(&hub, ask(gone), 1).await.0), (1, 0), "{words}");
    }
    let tx = hub.hub.store.write().await.expect("a transaction");
    search::show_to(&tx, "lists/post/dev/", "members").await.expect("another audience");
    tx.commit().await.expect("a commit");
    assert_eq!(found(&hub, ask("second"), 1).await.0, 0);
    let tx = hub.hub.store.write().await.expect("a transaction");
    search::show_to(&tx, "lists/post/dev/", "public").await.expect("another audience");
    search::put(&tx, document("lists/post/dev/2".into(), "Two", "second of them", &tx)).await.expect("an index");
    search::remove(&tx, "lists/post/dev/1").await.expect("a document less");
    tx.commit().await.expect("a commit");
    assert_eq!(found(&hub, ask("second"), 1).await, (1, vec!["lists/post/dev/2".into()]));
}

#[tokio::test]
async fn the_sqlite_that_is_built_in_keeps_the_plans_of_its_statements() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    let conn = hub.hub.store.read();
    if conn.get_database_backend() == DbBackend::Sqlite {
        let asked = Statement::from_string(DbBackend::Sqlite, "PRAGMA compile_options");
        let rows = conn.query_all_raw(asked).await.expect("the options");
        let options: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect();
        assert!(options.iter().any(|option| option == "ENABLE_QPSG"), ".cargo/config.toml was not read: {options:?}");
    }
}

#[tokio::test]
async fn every_template_of_the_theme_loads() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    assert!(hub.hub.templates.names().contains(&"base.html".to_owned()));
}
