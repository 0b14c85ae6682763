//! What people do with their own account: addresses, password, sessions, tokens, profile.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use axum::body::Body;
use chrono::Duration;
use common::{PASSWORD, confirm, log_in, member, path};
use http::{Method, Request};
use kernel::Hub;
use plug::Module;
use testkit::{Browser, Reply, TestHub, form};

async fn hub() -> TestHub {
    TestHub::with([confirm as fn(&Hub) -> Module]).await
}

async fn signed_in(hub: &TestHub, name: &str) -> Browser {
    let browser = member(hub, name).await;
    log_in(&browser, name, PASSWORD).await.expect(303);
    browser
}

async fn with_token(browser: &Browser, method: Method, path: &str, token: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("display_name=By+a+token&about=&timezone=UTC"));
    browser.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_profile_is_kept_and_shown_on_the_persons_page() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    let zone = form! { display_name: "Ann Miller", about: "Writes the *parser*.", timezone: "Asia/Tokyo" };
    ann.post("/me", zone).await.expect(303);
    let page = hub.stranger().get("/people/ann").await.expect(200).text();
    assert!(
        page.contains("Ann Miller") && page.contains("<em>parser</em>") && page.contains("Sat 21:00 (Asia/Tokyo)"),
        "{page}"
    );
    assert!(!page.contains("ann@example.org"), "strangers see no address");
    assert!(ann.get("/people/ann").await.expect(200).text().contains("ann@example.org"));
    hub.settle().await;
    let question = search::Question { text: "parser in:accounts".into(), ..Default::default() };
    let conn = hub.hub.store.read();
    let found =
        search::find(&conn, &people::Actor::Anonymous, &question, store::Paging::first(5)).await.expect("an answer");
    assert_eq!(found.items.iter().map(|found| found.url.as_str()).collect::<Vec<_>>(), ["/people/ann"]);
    let nowhere = ann.post("/me", form! { display_name: "Ann", about: "", timezone: "Mars/Base" }).await.expect(422);
    assert!(nowhere.text().contains("There is no time zone Mars/Base"));
}

#[tokio::test]
async fn a_further_address_is_confirmed_by_its_mail_and_can_become_the_primary_one() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    ann.post("/me/addresses", form! { address: "Ann@Home.example" }).await.expect(303);
    assert!(ann.get("/me/addresses").await.expect(200).text().contains("waits for you to open the link"));
    hub.settle().await;
    let link = path(&hub.outbox().await.to("ann@home.example").one().link("/confirm/"));
    // The mail may be opened in another browser.
    hub.stranger().get(&link).await.expect(200);
    hub.stranger().post(&link, form! {}).await.expect(303);
    hub.stranger().post(&link, form! {}).await.expect(404);
    ann.post("/me/addresses/remove", form! { address: "ann@example.org" }).await.expect(422);
    ann.post("/me/addresses/primary", form! { address: "ann@home.example" }).await.expect(303);
    let told = hub.outbox().await.to("ann").last();
    assert!(told.body().contains("goes to ann@home.example"), "{}", told.body());
    ann.post("/me/addresses/remove", form! { address: "ann@example.org" }).await.expect(303);
    log_in(&hub.stranger(), "ann@example.org", PASSWORD).await.expect(422);
    log_in(&hub.stranger(), "ann@home.example", PASSWORD).await.expect(303);
    hub.settle().await;
}

#[tokio::test]
async fn an_address_of_somebody_else_is_told_only_by_mail_and_moves_only_when_given_up() {
    let hub = hub().await;
    member(&hub, "bob").await;
    let ann = signed_in(&hub, "ann").await;
    ann.post("/me/addresses", form! { address: "bob@example.org" }).await.expect(303);
    hub.settle().await;
    let letter = hub.outbox().await.to("bob").last();
    assert!(letter.body().contains("It belongs to the account bob; nothing was changed."), "{}", letter.body());
    assert!(!letter.body().contains("/confirm/"));
}

#[tokio::test]
async fn an_unconfirmed_address_keeps_nobody_from_having_it() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    ann.post("/me/addresses", form! { address: "carol@example.org" }).await.expect(303);
    let carol = member(&hub, "carol").await;
    log_in(&carol, "carol@example.org", PASSWORD).await.expect(303);
    carol.get("/me").await.expect(200);
}

#[tokio::test]
async fn changing_the_password_wants_the_old_one_and_ends_the_other_sessions() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    let elsewhere = hub.stranger();
    log_in(&elsewhere, "ann", PASSWORD).await.expect(303);
    let new = "purple monkey dishwasher lamp";
    ann.post("/me/password", form! { password: new }).await.expect(422);
    ann.post("/me/password", form! { current: "not it", password: new }).await.expect(422);
    ann.post("/me/password", form! { current: PASSWORD, password: "ann-ann-ann" }).await.expect(422);
    ann.post("/me/password", form! { current: PASSWORD, password: new }).await.expect(303);
    ann.get("/me").await.expect(200);
    elsewhere.get("/me").await.expect(303);
    log_in(&hub.stranger(), "ann", PASSWORD).await.expect(422);
    log_in(&hub.stranger(), "ann", new).await.expect(303);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    let (second, third) = (hub.stranger(), hub.stranger());
    for browser in [&second, &third] {
        log_in(browser, "ann", PASSWORD).await.expect(303);
    }
    // The browser in which the sign-up was confirmed is signed in too.
    let page = ann.get("/me/sessions").await.expect(200);
    let others = page.attributes("form[action='/me/sessions/end'] button[name=id]", "value");
    assert_eq!(others.len(), 4, "three sessions to end and the button for all: {others:?}");
    ann.post("/me/sessions/end", form! { id: "others" }).await.expect(303);
    for browser in [&second, &third] {
        browser.get("/me").await.expect(303);
    }
    ann.get("/me").await.expect(200);
    let stranger = signed_in(&hub, "bob").await;
    let own = accounts_session(&hub, "ann").await;
    stranger.post("/me/sessions/end", form! { id: own }).await.expect(303);
    ann.get("/me").await.expect(200);
}

async fn accounts_session(hub: &TestHub, name: &str) -> i64 {
    let conn = hub.hub.store.read();
    let user = people::user::by_name(&conn, name).await.expect("an answer").expect("a user");
    web::session::of_user(&conn, user.id, hub.hub.now()).await.expect("sessions")[0].id
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_is_revoked() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    let make = |label: &str, scope: &str| form! { label: label, scope: scope, days: "7" };
    let reply = ann.post("/me/tokens", make("reader", "read")).await.expect(200);
    let reader = reply.select("pre.code").remove(0);
    assert!(reader.starts_with("guildhall_"));
    assert!(!ann.get("/me/tokens").await.expect(200).text().contains(&reader), "it is shown once");
    let program = hub.stranger();
    with_token(&program, Method::GET, "/me", &reader).await.expect(200);
    let refused = with_token(&program, Method::POST, "/me", &reader).await.expect(403);
    assert!(refused.text().contains("does not have the scope write"));
    let writer = ann.post("/me/tokens", make("writer", "write")).await.expect(200).select("pre.code").remove(0);
    with_token(&program, Method::POST, "/me", &writer).await.expect(303);
    assert!(ann.get("/me").await.expect(200).text().contains("By a token"));
    assert!(with_token(&program, Method::POST, "/me/password", &writer).await.status.is_client_error());
    assert!(with_token(&program, Method::POST, "/me/tokens", &writer).await.status.is_client_error());
    ann.post("/me/tokens", make("", "read")).await.expect(422);
    ann.post("/me/tokens", make("what", "everything")).await.expect(422);
    let first = ann.get("/me/tokens").await.expect(200).attributes("form[action='/me/tokens/revoke'] button", "value");
    ann.post("/me/tokens/revoke", form! { id: first[0] }).await.expect(303);
    with_token(&program, Method::GET, "/me", &writer).await.expect(401);
    hub.wait(Duration::days(8));
    with_token(&program, Method::GET, "/me", &reader).await.expect(401);
}

#[tokio::test]
async fn a_token_of_an_administrator_administers_only_with_the_scope_for_it() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    let make = |scopes: &[&str]| {
        let mut fields = form! { label: "script" };
        fields.extend(scopes.iter().map(|scope| ("scope".to_owned(), (*scope).to_owned())));
        fields
    };
    let plain = root.post("/me/tokens", make(&["read"])).await.expect(200).select("pre.code").remove(0);
    let full = root.post("/me/tokens", make(&["read", "admin"])).await.expect(200).select("pre.code").remove(0);
    with_token(&hub.stranger(), Method::GET, "/admin/people", &plain).await.expect(403);
    with_token(&hub.stranger(), Method::GET, "/admin/people", &full).await.expect(200);
}

#[tokio::test]
async fn after_five_minutes_what_opens_the_account_wants_the_password_again() {
    let hub = hub().await;
    let ann = signed_in(&hub, "ann").await;
    hub.wait(Duration::minutes(6));
    let page = ann.get("/me/tokens").await.expect(200);
    assert_eq!(page.attributes("input[name=current]", "type"), ["password"]);
    ann.post("/me/tokens", form! { label: "x", scope: "read" }).await.expect(422);
    ann.post("/me/tokens", form! { label: "x", scope: "read", current: "guess" }).await.expect(422);
    ann.post("/me/tokens", form! { label: "x", scope: "read", current: PASSWORD }).await.expect(200);
    ann.post("/me/tokens", form! { label: "y", scope: "read" }).await.expect(200);
}

#[tokio::test]
async fn two_people_have_one_page_each_with_what_they_did() {
    let hub = hub().await;
    signed_in(&hub, "ann").await;
    hub.settle().await;
    let list = hub.stranger().get("/people/?q=an").await.expect(200);
    assert_eq!(list.select("td.title a"), ["ann"]);
    assert!(hub.stranger().get("/people/?q=zed").await.expect(200).text().contains("Nobody here is called"));
    let page = hub.stranger().get("/people/ann").await.expect(200);
    assert!(
        page.select("ol.stream li").iter().any(|line| line.contains("joined")),
        "{:?}",
        page.select("ol.stream li")
    );
    assert_eq!(hub.stranger().get("/people/ANN").await.expect(303).location(), "/people/ann");
    hub.stranger().get("/people/nobody").await.expect(404);
    for feed in ["/people/.atom", "/people/ann/.atom"] {
        let feed = hub.stranger().get(feed).await.expect(200);
        assert!(feed.text().contains("<title>ann joined</title>"), "{}", feed.text());
    }
}
