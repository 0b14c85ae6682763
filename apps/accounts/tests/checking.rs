//! Another web server asks who sends it a request.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use accounts::gate::Gate;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{PASSWORD, log_in, member};
use guildhall_accounts as accounts;
use http::Request;
use kernel::Hub;
use plug::Module;
use testkit::{Browser, Reply, TestHub, form};

fn guarded(hub: &Hub) -> Module {
    let gates = vec![
        Gate { path: "/core/".into(), groups: vec!["core".into()], ..Gate::default() },
        Gate { path: "/press".into(), public: true, ..Gate::default() },
    ];
    accounts::module(hub, accounts::Config { gates, ..Default::default() })
}

async fn ask(browser: &Browser, uri: &str, more: &[(&str, &str)]) -> Reply {
    let mut request = Request::get("/auth/check").header("x-original-uri", uri);
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    browser.send(request.body(axum::body::Body::empty()).expect("a request")).await
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

#[tokio::test]
async fn a_session_a_token_and_a_password_say_who_it_is() {
    let hub = TestHub::with([guarded as fn(&Hub) -> Module]).await;
    let (root, ann) = (hub.admin("root").await, member(&hub, "ann").await);
    ask(&hub.stranger(), "/wiki", &[]).await.expect(401);
    ask(&hub.stranger(), "/press/1", &[]).await.expect(200);
    log_in(&ann, "ann", PASSWORD).await.expect(303);
    root.post("/admin/groups", form! { name: "core", description: "" }).await.expect(303);
    ask(&ann, "/core/plans", &[]).await.expect(403);
    root.post("/admin/groups/core/members", form! { name: "ann" }).await.expect(303);
    let reply = ask(&ann, "/core/plans", &[]).await.expect(200);
    for (name, value) in [("x-auth-user", "ann"), ("x-auth-groups", "core"), ("x-auth-email", "ann@example.org")] {
        assert_eq!(reply.headers[name], value);
    }
    let token =
        ann.post("/me/tokens", form! { label: "ci", scope: "read" }).await.expect(200).select("pre.code").remove(0);
    let bearer = format!("Bearer {token}");
    let program = hub.stranger();
    ask(&program, "/wiki", &[("authorization", &bearer)]).await.expect(200);
    ask(&program, "/wiki", &[("authorization", &bearer), ("x-original-method", "POST")]).await.expect(403);
    let right = basic("ann", PASSWORD);
    assert_eq!(ask(&program, "/wiki", &[("authorization", &right)]).await.expect(200).headers["x-auth-user"], "ann");
    ask(&program, "/wiki", &[("authorization", &basic("ann", "guess"))]).await.expect(401);
    ask(&program, "/wiki", &[("authorization", "Basic ???")]).await.expect(401);
}

#[tokio::test]
async fn what_the_client_says_of_itself_counts_for_nothing() {
    let hub = TestHub::with([guarded as fn(&Hub) -> Module]).await;
    let forged = [("x-auth-user", "root"), ("x-auth-groups", "core")];
    let reply = ask(&hub.stranger(), "/press", &forged).await.expect(200);
    assert!(reply.headers.get("x-auth-user").is_none());
    ask(&hub.stranger(), "/core/", &forged).await.expect(401);
    ask(&hub.stranger(), "/press/%2e%2e/core/", &[]).await.expect(401);
    ask(&hub.stranger(), "/press%2f..%2fcore", &[]).await.expect(403);
    let bare =
        hub.stranger().send(Request::get("/auth/check").body(axum::body::Body::empty()).expect("a request")).await;
    bare.expect(403);
}

#[tokio::test]
async fn a_change_holds_at_the_next_request() {
    let hub = TestHub::with([guarded as fn(&Hub) -> Module]).await;
    let (root, ann) = (hub.admin("root").await, member(&hub, "ann").await);
    log_in(&ann, "ann", PASSWORD).await.expect(303);
    let (program, old) = (hub.stranger(), basic("ann", PASSWORD));
    for _ in 0..3 {
        ask(&program, "/wiki", &[("authorization", &old)]).await.expect(200);
    }
    let new = "purple monkey dishwasher lamp";
    ann.post("/me/password", form! { current: PASSWORD, password: new }).await.expect(303);
    ask(&program, "/wiki", &[("authorization", &old)]).await.expect(401);
    ask(&program, "/wiki", &[("authorization", &basic("ann", new))]).await.expect(200);
    root.post("/admin/people/ann/state", form! { state: "disabled" }).await.expect(303);
    ask(&program, "/wiki", &[("authorization", &basic("ann", new))]).await.expect(401);
    ask(&ann, "/wiki", &[]).await.expect(401);
}

#[tokio::test]
async fn guessing_by_basic_is_slowed_down_too() {
    let hub = TestHub::with([guarded as fn(&Hub) -> Module]).await;
    member(&hub, "ann").await;
    let program = hub.stranger();
    for _ in 0..5 {
        ask(&program, "/wiki", &[("authorization", &basic("ann", "guess"))]).await.expect(401);
    }
    ask(&program, "/wiki", &[("authorization", &basic("ann", PASSWORD))]).await.expect(401);
    hub.wait(chrono::Duration::seconds(3));
    ask(&program, "/wiki", &[("authorization", &basic("ann", PASSWORD))]).await.expect(200);
}
