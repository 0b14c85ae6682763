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
        journal::append(&tx, user.actor(), event).await?;
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

#[tokio::test]
async fn every_template_of_the_theme_loads() {
    let hub = TestHub::with([notes as fn(&Hub) -> Module]).await;
    assert!(hub.hub.templates.names().contains(&"base.html".to_owned()));
}
