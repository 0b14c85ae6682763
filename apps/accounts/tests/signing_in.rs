//! Setting up, signing up, signing in and out, as people see it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use guildhall_accounts as accounts;

mod common;

use chrono::Duration;
use common::{PASSWORD, approve, closed, confirm, log_in, member, open, path, sign_up};
use kernel::Hub;
use plug::Module;
use testkit::{Reply, TestHub, form};

#[tokio::test]
async fn every_template_renders() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    hub.render_samples().await;
}

#[tokio::test]
async fn the_first_administrator_comes_in_by_the_printed_link_and_only_once() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    assert!(accounts::setup::is_needed(&hub.hub).await.expect("an answer"));
    let old = path(&accounts::setup::link(&hub.hub).await.expect("a link"));
    let link = path(&accounts::setup::link(&hub.hub).await.expect("a link"));
    let ann = hub.stranger();
    assert!(ann.get(&old).await.expect(200).text().contains("has been used"), "a newer link ends an older one");
    assert!(ann.get(&link).await.expect(200).text().contains("Set up"));
    let token = link.split_once("token=").expect("a token").1;
    let fields =
        form! { token: token, name: "ann", display_name: "Ann Miller", address: "ann@example.org", password: PASSWORD };
    let reply = ann.post("/setup", fields.clone()).await.expect(303);
    assert_eq!(reply.location(), "/");
    assert!(ann.get("/me").await.expect(200).text().contains("Ann Miller"));
    hub.stranger().post("/setup", fields).await.expect(404);
    assert_eq!(hub.stranger().get(&link).await.expect(303).location(), "/login");
    assert!(!accounts::setup::is_needed(&hub.hub).await.expect("an answer"));
    hub.settle().await;
}

#[tokio::test]
async fn a_stranger_signs_up_confirms_and_is_in() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let bob = hub.stranger();
    let reply = sign_up(&bob, "bob", "Bob@Example.org").await.expect(200);
    assert!(reply.text().contains("Bob@Example.org"));
    hub.settle().await;
    let letter = hub.outbox().await.to("bob@example.org").one();
    assert!(letter.header("Subject").contains("Open your account"));
    let link = path(&letter.link("/confirm/"));
    // A scanner that looks at the link changes nothing, and neither does somebody else's password.
    for _ in 0..2 {
        bob.get(&link).await.expect(200);
    }
    bob.post(&link, form! { name: "bob", password: "another one altogether" }).await.expect(422);
    assert!(people::user::by_name(&hub.hub.store.read(), "bob").await.expect("an answer").is_none());
    bob.post(&link, form! { name: "bob", password: PASSWORD }).await.expect(303);
    assert!(bob.get("/me/addresses").await.expect(200).text().contains("bob@example.org"));
    let again = hub.stranger().post(&link, form! { name: "bob", password: PASSWORD }).await.expect(404);
    assert!(
        again.text().contains("This link has been used: bob@example.org is confirmed. Log in."),
        "{}",
        again.text()
    );
    // Whoever follows the link again is shown where to go.
    assert_eq!(hub.stranger().get(&link).await.expect(303).location(), "/login");
    assert_eq!(bob.get(&link).await.expect(303).location(), "/me/addresses");
    hub.wait(Duration::days(31));
    let dead = hub.stranger().get(&link).await.expect(404);
    assert_eq!(dead.select("h1"), ["This link no longer works"]);
    assert!(dead.text().contains("has been used, or it is too old"));
    hub.settle().await;
}

#[tokio::test]
async fn what_was_written_by_mail_before_is_the_persons_after_confirming() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    let before = people::participant::by_address(&tx, "Bob by mail", "bob@example.org").await.expect("a participant");
    tx.commit().await.expect("a commit");
    member(&hub, "bob").await;
    let shown = people::participant::shown(&hub.hub.store.read(), [before]).await.expect("people");
    assert_eq!(shown[&before].user.as_deref(), Some("bob"));
}

#[tokio::test]
async fn signing_up_tells_nobody_which_addresses_are_known() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    member(&hub, "bob").await;
    let (known, unknown) = (hub.stranger(), hub.stranger());
    let masked = |reply: Reply, address: &str| reply.expect(200).text().replace(address, "ADDRESS");
    let first = masked(sign_up(&known, "robert", "bob@example.org").await, "bob@example.org");
    let second = masked(sign_up(&unknown, "carol", "carol@example.org").await, "carol@example.org");
    assert_eq!(first, second);
    hub.settle().await;
    let letter = hub.outbox().await.to("bob@example.org").last();
    assert!(letter.body().contains("belongs to the account bob already"), "{}", letter.body());
    let nobody = people::user::by_name(&hub.hub.store.read(), "robert").await.expect("an answer");
    assert!(nobody.is_none());
}

#[tokio::test]
async fn a_name_that_somebody_took_meanwhile_can_be_chosen_anew() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let slow = hub.stranger();
    sign_up(&slow, "sam", "samuel@example.org").await.expect(200);
    hub.settle().await;
    let link = path(&hub.outbox().await.to("samuel@example.org").one().link("/confirm/"));
    member(&hub, "sam").await;
    let reply = slow.post(&link, form! { name: "sam", password: PASSWORD }).await.expect(422);
    assert!(reply.text().contains("The name sam is taken"));
    slow.post(&link, form! { name: "samuel", password: PASSWORD }).await.expect(303);
    assert!(slow.get("/me").await.expect(200).text().contains("/people/samuel"));
}

#[tokio::test]
async fn a_form_that_was_refused_comes_back_filled_and_says_why() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let visitor = hub.stranger();
    let weak = form! { name: "dora", display_name: "Dora", address: "dora@example.org", password: "dora1234" };
    let reply = visitor.post("/register", weak).await.expect(422);
    assert!(reply.text().contains("too easy to guess"));
    assert_eq!(reply.attributes("input[name=name]", "value"), ["dora"]);
    assert_eq!(
        reply.attributes("input[name=password]", "value"),
        Vec::<String>::new(),
        "a password is never sent back"
    );
    for (name, address, said) in
        [("x", "x@example.org", "cannot be used"), ("dora", "nonsense", "is not a mail address")]
    {
        assert!(sign_up(&visitor, name, address).await.expect(422).text().contains(said));
    }
    let all = form! { name: "x y", display_name: "Dora", address: "nonsense", password: "dora1234" };
    let told = visitor.post("/register", all).await.expect(422);
    assert_eq!(told.select(".field-error").len(), 3, "every fault is told at once: {}", told.text());
    assert!(told.text().contains("3 things need a change."), "{}", told.text());
    visitor.post_raw("/register", &form! { name: "dora" }).await.expect(403);
}

#[tokio::test]
async fn under_open_an_account_is_open_at_once_and_its_address_is_confirmed_later() {
    let hub = TestHub::with([open as fn(&Hub) -> Module]).await;
    let eve = hub.stranger();
    sign_up(&eve, "eve", "eve@example.org").await.expect(303);
    assert!(eve.get("/me/addresses").await.expect(200).text().contains("waits for you"));
    hub.settle().await;
    let link = path(&hub.outbox().await.to("eve").one().link("/confirm/"));
    eve.post(&link, form! {}).await.expect(303);
    assert!(eve.get("/me/addresses").await.expect(200).text().contains("your mail goes here"));
}

#[tokio::test]
async fn under_closed_the_page_says_so_and_the_form_does_nothing() {
    let hub = TestHub::with([closed as fn(&Hub) -> Module]).await;
    let visitor = hub.stranger();
    assert!(visitor.get("/register").await.expect(200).text().contains("takes no sign-ups"));
    sign_up(&visitor, "eve", "eve@example.org").await.expect(422);
    hub.settle().await;
    assert_eq!(hub.outbox().await.count(), 0);
}

#[tokio::test]
async fn under_approve_an_administrator_is_asked() {
    let hub = TestHub::with([approve as fn(&Hub) -> Module]).await;
    hub.admin("root").await;
    let fay = hub.stranger();
    sign_up(&fay, "fay", "fay@example.org").await.expect(200);
    hub.settle().await;
    let link = path(&hub.outbox().await.to("fay").one().link("/confirm/"));
    let reply = fay.post(&link, form! { name: "fay", password: PASSWORD }).await.expect(200);
    assert!(reply.text().contains("waits for an administrator"));
    assert!(log_in(&fay, "fay", PASSWORD).await.expect(422).text().contains("waits for an administrator"));
    let letter = hub.outbox().await.to("root").one();
    assert!(letter.body().contains("/admin/people/fay"));
}

#[tokio::test]
async fn people_log_in_by_name_or_address_and_out_again() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let bob = member(&hub, "bob").await;
    for who in ["bob", "BOB", "bob@example.org", " Bob@Example.org "] {
        let browser = hub.stranger();
        assert_eq!(log_in(&browser, who, PASSWORD).await.expect(303).location(), "/me");
        browser.get("/me").await.expect(200);
    }
    log_in(&bob, "bob", PASSWORD).await.expect(303);
    bob.post("/logout", form! {}).await.expect(303);
    assert_eq!(bob.get("/me").await.expect(303).location(), "/login?next=%2Fme");
    let evil = hub.stranger();
    let away = evil.post("/login", form! { name: "bob", password: PASSWORD, next: "//evil.example/" }).await;
    assert_eq!(away.expect(303).location(), "/");
}

#[tokio::test]
async fn logging_out_needs_the_forms_token() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let bob = member(&hub, "bob").await;
    log_in(&bob, "bob", PASSWORD).await.expect(303);
    bob.post_raw("/logout", &form! {}).await.expect(403);
    bob.get("/me").await.expect(200);
}

#[tokio::test]
async fn unknown_wrong_disabled_and_without_password_are_answered_alike() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    for name in ["bob", "gone"] {
        member(&hub, name).await;
    }
    hub.user("bare").await;
    let tx = hub.hub.store.write().await.expect("a transaction");
    let gone = people::user::by_name(&tx, "gone").await.expect("an answer").expect("a user");
    people::profile::set_state(&tx, gone.id, "disabled").await.expect("a change");
    tx.commit().await.expect("a commit");
    let mut answers = vec![];
    for (name, password) in
        [("bob", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("bare", PASSWORD), ("bare", "")]
    {
        let visitor = hub.stranger();
        let reply = log_in(&visitor, name, password).await.expect(422);
        answers.push(reply.select("body"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

#[tokio::test]
async fn guessing_is_slowed_down_but_a_known_browser_gets_in() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let bob = member(&hub, "bob").await;
    log_in(&bob, "bob", PASSWORD).await.expect(303);
    bob.post("/logout", form! {}).await.expect(303);
    let stranger = hub.stranger();
    for _ in 0..5 {
        log_in(&stranger, "bob", "a guess").await.expect(422);
    }
    let reply = log_in(&stranger, "bob", PASSWORD).await.expect(429);
    assert_eq!(reply.headers["retry-after"], "2");
    log_in(&stranger, "nobody-of-that-name", "a guess").await.expect(422);
    log_in(&bob, "bob", PASSWORD).await.expect(303);
    hub.wait(Duration::seconds(2));
    log_in(&stranger, "bob", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn a_reset_link_works_once_ends_all_sessions_and_dies_of_age() {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let bob = member(&hub, "bob").await;
    log_in(&bob, "bob", PASSWORD).await.expect(303);
    let visitor = hub.stranger();
    let known = visitor.post("/reset", form! { who: "bob@example.org" }).await.expect(200).text();
    let unknown = visitor.post("/reset", form! { who: "nobody@example.org" }).await.expect(200).text();
    assert_eq!(known, unknown);
    hub.settle().await;
    assert_eq!(hub.outbox().await.to("nobody@example.org").count(), 0);
    let first = path(&hub.outbox().await.to("bob").last().link("/reset/"));
    visitor.post("/reset", form! { who: "bob" }).await.expect(200);
    hub.settle().await;
    let link = path(&hub.outbox().await.to("bob").last().link("/reset/"));
    visitor.get(&first).await.expect(404);
    visitor.get(&link).await.expect(200);
    visitor.post(&link, form! { password: "bob12345" }).await.expect(422);
    visitor.post(&link, form! { password: "purple monkey dishwasher lamp" }).await.expect(303);
    visitor.get("/me").await.expect(200);
    let spent = visitor.post(&link, form! { password: "purple monkey dishwasher lamp" }).await.expect(404);
    assert!(spent.text().contains("a new password was chosen with it"), "{}", spent.text());
    assert_eq!(spent.select("input[type=password]").len(), 0, "a password is not asked for where none is taken");
    bob.get("/me").await.expect(303);
    log_in(&hub.stranger(), "bob", PASSWORD).await.expect(422);
    visitor.post("/reset", form! { who: "bob" }).await.expect(200);
    hub.settle().await;
    let late = path(&hub.outbox().await.to("bob").last().link("/reset/"));
    hub.wait(Duration::minutes(31));
    hub.stranger().get(&late).await.expect(404);
}

#[tokio::test]
async fn more_logins_than_the_hub_can_hash_are_told_to_come_back() {
    let one =
        |hub: &Hub| accounts::module(hub, accounts::Config { hashes: 1, hashes_waiting: 1, ..Default::default() });
    let hub = TestHub::with([one as fn(&Hub) -> Module]).await;
    let visitors: Vec<_> = (0..8).map(|_| hub.stranger()).collect();
    let tries = visitors
        .iter()
        .enumerate()
        .map(|(n, visitor)| async move { log_in(visitor, &format!("user{n}"), "a guess").await });
    let replies = futures::future::join_all(tries).await;
    let busy: Vec<_> = replies.iter().filter(|reply| reply.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() < 8, "{} of 8 were busy", busy.len());
    assert_eq!(busy[0].headers["retry-after"], "5");
    assert!(busy[0].text().contains("checks too many passwords"));
    log_in(&hub.stranger(), "user1", "a guess").await.expect(422);
}
