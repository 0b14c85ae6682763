//! What administrators do: states, roles, groups, invitations, links, the audit log.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{PASSWORD, approve, closed, confirm, log_in, member, path, sign_up};
use kernel::Hub;
use plug::Module;
use testkit::{Browser, TestHub, form};

async fn hub() -> TestHub {
    TestHub::with([confirm as fn(&Hub) -> Module]).await
}

async fn signed_in(hub: &TestHub, name: &str) -> Browser {
    let browser = member(hub, name).await;
    log_in(&browser, name, PASSWORD).await.expect(303);
    browser
}

#[tokio::test]
async fn the_pages_are_for_administrators_only() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    for page in ["/admin/people", "/admin/people/ann", "/admin/groups", "/admin/invitations", "/admin/audit"] {
        ann.get(page).await.expect(403);
        hub.stranger().get(page).await.expect(303);
    }
    ann.post("/admin/people/ann/grant", form! { role: "administrator", scope: "" }).await.expect(403);
}

#[tokio::test]
async fn somebody_who_waits_is_let_in_and_told_so() {
    let hub = TestHub::with([approve as fn(&Hub) -> Module]).await;
    let root = hub.admin("root").await;
    let fay = hub.stranger();
    sign_up(&fay, "fay", "fay@example.org").await.expect(200);
    assert!(root.get("/admin/people").await.expect(200).text().contains("address not confirmed"));
    hub.settle().await;
    let link = path(&hub.outbox().await.to("fay").one().link("/confirm/"));
    fay.post(&link, form! { name: "fay", password: PASSWORD }).await.expect(200);
    assert!(hub.stranger().get("/people/fay").await.status.is_client_error(), "nobody sees who waits");
    assert_eq!(root.get("/admin/people?state=waiting").await.expect(200).select("td.title a"), ["fay"]);
    root.post("/admin/people/fay/state", form! { state: "active" }).await.expect(303);
    assert!(hub.outbox().await.to("fay").last().body().contains("An administrator let you in"));
    log_in(&fay, "fay", PASSWORD).await.expect(303);
    hub.settle().await;
}

#[tokio::test]
async fn a_disabled_account_is_out_at_the_next_request() {
    let hub = hub().await;
    let (root, ann) = (hub.admin("root").await, signed_in(&hub, "ann").await);
    let token =
        ann.post("/me/tokens", form! { label: "x", scope: "read" }).await.expect(200).select("pre.code").remove(0);
    root.post("/admin/people/ann/state", form! { state: "disabled" }).await.expect(303);
    ann.get("/me").await.expect(303);
    log_in(&hub.stranger(), "ann", PASSWORD).await.expect(422);
    let request = http::Request::get("/me").header("authorization", format!("Bearer {token}"));
    hub.stranger().send(request.body(axum::body::Body::empty()).expect("a request")).await.expect(401);
    assert!(hub.stranger().get("/people/ann").await.expect(200).text().contains("Has left the project"));
    root.post("/admin/people/ann/state", form! { state: "active" }).await.expect(303);
    log_in(&hub.stranger(), "ann", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn the_last_administrator_cannot_be_lost() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    for (change, fields) in
        [("state", form! { state: "disabled" }), ("revoke", form! { role: "administrator", scope: "" })]
    {
        let reply = root.post(&format!("/admin/people/root/{change}"), fields).await.expect(422);
        assert!(reply.text().contains("without an administrator"));
    }
    hub.user("ann").await;
    root.post("/admin/people/ann/grant", form! { role: "administrator", scope: "" }).await.expect(303);
    root.post("/admin/people/root/revoke", form! { role: "administrator", scope: "" }).await.expect(303);
    root.get("/admin/people").await.expect(403);
}

#[tokio::test]
async fn a_role_holds_in_its_scope_and_is_shown() {
    let hub = hub().await;
    let (root, ann) = (hub.admin("root").await, hub.user("ann").await);
    root.post("/admin/people/ann/grant", form! { role: "moderator", scope: "list/dev" }).await.expect(303);
    assert!(people::may(&ann.actor().await, people::Role::Moderator, "list/dev"));
    assert!(!people::may(&ann.actor().await, people::Role::Moderator, "list/users"));
    assert!(hub.stranger().get("/people/ann").await.expect(200).text().contains("moderator of list/dev"));
    root.post("/admin/people/ann/grant", form! { role: "king", scope: "" }).await.expect(422);
    root.post("/admin/people/ann/grant", form! { role: "moderator", scope: "two words" }).await.expect(422);
    root.post("/admin/people/ann/revoke", form! { role: "moderator", scope: "list/dev" }).await.expect(303);
    assert!(!people::may(&ann.actor().await, people::Role::Moderator, "list/dev"));
}

#[tokio::test]
async fn a_group_gives_roles_and_its_own_administrator_chooses_the_members() {
    let hub = hub().await;
    let (root, ann, bob) = (hub.admin("root").await, hub.user("ann").await, hub.user("bob").await);
    root.post("/admin/groups", form! { name: "core", description: "Those who release" }).await.expect(303);
    root.post("/admin/groups", form! { name: "core", description: "" }).await.expect(422);
    root.post("/admin/groups/core/grant", form! { role: "developer", scope: "tracker/issues" }).await.expect(303);
    root.post("/admin/groups/core/members", form! { name: "ann", is_admin: "1" }).await.expect(303);
    root.post("/admin/groups/core/members", form! { name: "nobody" }).await.expect(422);
    bob.get("/admin/groups/core").await.expect(403);
    ann.post("/admin/groups/core/members", form! { name: "bob" }).await.expect(303);
    assert!(people::may(&bob.actor().await, people::Role::Developer, "tracker/issues"));
    ann.post("/admin/groups/core/grant", form! { role: "administrator", scope: "" }).await.expect(422);
    bob.post("/admin/groups/core/members", form! { name: "bob", is_admin: "1" }).await.expect(403);
    assert!(ann.get("/admin/groups/core").await.expect(200).text().contains("/people/bob"));
    ann.post("/admin/groups/core/remove", form! { name: "bob" }).await.expect(303);
    assert!(!people::may(&bob.actor().await, people::Role::Developer, "tracker/issues"));
    ann.post("/admin/groups/core/delete", form! {}).await.expect(403);
    root.post("/admin/groups/core/delete", form! {}).await.expect(303);
    assert!(!people::may(&ann.actor().await, people::Role::Developer, "tracker/issues"));
}

#[tokio::test]
async fn an_invitation_opens_a_closed_hub_once() {
    let hub = TestHub::with([closed as fn(&Hub) -> Module]).await;
    let root = hub.admin("root").await;
    let reply = root.post("/admin/invitations", form! { address: "gus@example.org" }).await.expect(200);
    let shown = path(&reply.select("pre.code").remove(0));
    let letter = hub.outbox().await.to("gus").one();
    assert!(letter.header("Subject").starts_with("root invites you"));
    let link = path(&letter.link("/register?"));
    assert_eq!(link, shown);
    let gus = hub.stranger();
    let form = gus.get(&link).await.expect(200);
    assert_eq!(form.attributes("input[name=address]", "value"), ["gus@example.org"]);
    let secret = link.split_once('=').expect("a secret").1;
    let fields = form! { name: "gus", address: "gus@example.org", password: PASSWORD, invitation: secret };
    gus.post("/register", fields.clone()).await.expect(303);
    assert!(gus.get("/me/addresses").await.expect(200).text().contains("your mail goes here"));
    assert!(hub.stranger().get(&link).await.expect(200).text().contains("has been used"));
    hub.stranger().post("/register", fields).await.expect(422);
    hub.settle().await;
}

#[tokio::test]
async fn an_invitation_for_nobody_in_particular_still_confirms_the_address_and_can_be_taken_back() {
    let hub = TestHub::with([closed as fn(&Hub) -> Module]).await;
    let root = hub.admin("root").await;
    let mut links = vec![];
    for _ in 0..2 {
        links.push(path(
            &root.post("/admin/invitations", form! { address: "" }).await.expect(200).select("pre.code").remove(0),
        ));
    }
    let newest =
        root.get("/admin/invitations").await.expect(200).attributes("form[action$=revoke] button", "value")[0].clone();
    root.post("/admin/invitations/revoke", form! { id: newest }).await.expect(303);
    assert!(hub.stranger().get(&links[1]).await.expect(200).text().contains("Ask for another invitation"));
    let secret = links[0].split_once('=').expect("a secret").1;
    let hal = hub.stranger();
    hal.post("/register", form! { name: "hal", address: "hal@example.org", password: PASSWORD, invitation: secret })
        .await
        .expect(200);
    hub.settle().await;
    let confirm = path(&hub.outbox().await.to("hal").one().link("/confirm/"));
    hal.post(&confirm, form! { name: "hal", password: PASSWORD }).await.expect(303);
}

#[tokio::test]
async fn an_administrators_link_lets_somebody_choose_a_password() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    let fields = form! { name: "ida", display_name: "Ida", address: "ida@example.org" };
    let link = path(&root.post("/admin/people", fields.clone()).await.expect(200).select("pre.code").remove(0));
    root.post("/admin/people", fields).await.expect(422);
    let newer = path(&root.post("/admin/people/ida/reset", form! {}).await.expect(200).select("pre.code").remove(0));
    let ida = hub.stranger();
    ida.get(&link).await.expect(404);
    ida.post(&newer, form! { password: PASSWORD }).await.expect(303);
    ida.get("/me").await.expect(200);
    root.post("/admin/people/ida/sessions", form! {}).await.expect(303);
    ida.get("/me").await.expect(303);
    hub.settle().await;
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_to_whom() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    let ann = signed_in(&hub, "ann").await;
    log_in(&hub.stranger(), "ann", "wrong").await.expect(422);
    log_in(&hub.stranger(), "my secret password typed here", "x").await.expect(422);
    ann.post("/logout", form! {}).await.expect(303);
    root.post("/admin/people/ann/grant", form! { role: "developer", scope: "" }).await.expect(303);
    let log = root.get("/admin/audit?person=ann").await.expect(200);
    let kinds = log.select("td.nowrap:nth-child(2)");
    assert_eq!(kinds, ["role granted", "logged out", "login refused", "logged in", "logged in", "joined"]);
    let refused = root.get("/admin/audit?kind=login+refused").await.expect(200);
    assert_eq!(refused.select("tbody tr").len(), 2);
    assert!(!refused.text().contains("my secret"), "what was typed as a name may be a password");
    assert!(root.get("/admin/people/ann").await.expect(200).text().contains("developer everywhere"));
    assert!(root.get("/admin/audit?person=zed").await.expect(200).text().contains("There is no person called zed"));
}
