//! Joining and leaving.

use chrono::Duration;
use mail::Fate;
use testkit::{form, mail};

use crate::{command, hub, members, new_list, set};

#[tokio::test]
async fn a_stranger_joins_on_the_web_and_confirms_by_the_link() {
    let (hub, admin) = hub().await;
    let stranger = hub.stranger();
    let asked = stranger.post("/lists/dev/join", form! { address: "ann@x.org", name: "Ann" }).await.expect(303);
    assert_eq!(asked.location(), "/lists/dev/");
    let sent = hub.outbox().await.to("ann@x.org").one();
    assert_eq!(sent.copy.envelope_from, "");
    assert_eq!(sent.header("Auto-Submitted"), "auto-generated");
    assert!(sent.header("List-Id").contains("<dev.hub.test>") && sent.header("List-Post").is_empty());
    let link = sent.link("/lists/confirm/").replace("http://hub.test", "");

    // Looking at the link changes nothing; mail programs do that by themselves.
    stranger.get(&link).await.expect(200);
    assert!(!admin.get("/lists/dev/members").await.text().contains("ann@x.org"));
    stranger.post(&link, form! {}).await.expect(303);
    assert!(admin.get("/lists/dev/members").await.text().contains("ann@x.org"));
    assert!(hub.outbox().await.to("ann@x.org").last().copy.subject.starts_with("Welcome"));
    // A secret is used up.
    stranger.post(&link, form! {}).await.expect(404);
    let dead = stranger.get(&link).await.expect(404);
    assert_eq!(dead.select("h1"), ["This link no longer works"]);
}

#[tokio::test]
async fn a_stranger_joins_and_leaves_by_mail() {
    let (hub, admin) = hub().await;
    let join = mail! { from: "Ann <ann@x.org>", to: "dev-join@hub.test", subject: "", body: "" };
    assert_eq!(hub.mail_in(join).await, Fate::Accepted);
    let asked = hub.outbox().await.to("ann@x.org").one();
    let reply_to = asked.message.reply_to[0].address.clone();
    assert!(reply_to.starts_with("dev-confirm+"));
    assert_eq!(asked.header("Auto-Submitted"), "auto-replied");
    let answer = mail! { from: "ann@x.org", to: reply_to, subject: format!("Re: {}", asked.copy.subject), body: "ok" };
    hub.mail_in(answer).await;
    assert!(admin.get("/lists/dev/members").await.text().contains("ann@x.org"));

    let leave = mail! { from: "ann@x.org", to: "dev-request@hub.test", subject: "unsubscribe", body: "" };
    hub.mail_in(leave).await;
    let asked = hub.outbox().await.to("ann@x.org").last();
    let secret = asked.link("/lists/confirm/").rsplit('/').next().expect("a secret").to_owned();
    let confirm = mail! {
        from: "ann@x.org", to: "dev-request@hub.test", subject: format!("Re: confirm {secret}"), body: ""
    };
    hub.mail_in(confirm).await;
    assert!(!admin.get("/lists/dev/members").await.text().contains("ann@x.org"));
    assert!(hub.outbox().await.to("ann@x.org").last().copy.subject.starts_with("You have left"));
}

#[tokio::test]
async fn a_person_with_an_account_joins_at_once_and_chooses() {
    let (hub, admin) = hub().await;
    let bob = hub.user("bob").await;
    bob.post("/lists/dev/join", form! { address: bob.email() }).await.expect(303);
    assert!(admin.get("/lists/dev/members").await.text().contains("bob@example.org"));
    let mine = bob.get("/lists/dev/membership").await.expect(200);
    assert_eq!(mine.select("h2")[0], "bob@example.org");
    bob.post("/lists/dev/membership", form! { address: bob.email(), own_posts: "1", is_hidden: "1" }).await.expect(303);
    hub.mail_in(mail! { from: bob.email(), to: "dev@hub.test", subject: "hello", body: "all" }).await;
    assert_eq!(hub.outbox().await.0.iter().filter(|sent| sent.copy.subject == "hello").count(), 0);
    // Another member does not see a hidden one; somebody else's address cannot be chosen for.
    let eve = hub.user("eve").await;
    eve.post("/lists/dev/join", form! { address: eve.email() }).await.expect(303);
    assert!(!eve.get("/lists/dev/members").await.expect(200).text().contains("bob@example.org"));
    eve.post("/lists/dev/membership", form! { address: bob.email(), delivers: "1" }).await.expect(404);
    eve.post("/lists/dev/leave", form! { address: bob.email() }).await.expect(303);
    assert!(admin.get("/lists/dev/members").await.text().contains("bob@example.org"));
    bob.post("/lists/dev/leave", form! { address: bob.email() }).await.expect(303);
    assert!(!admin.get("/lists/dev/members").await.text().contains("bob@example.org"));
}

#[tokio::test]
async fn one_click_ends_a_membership_by_post_alone() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org", "bob@x.org"]).await;
    hub.mail_in(mail! { from: "ann@x.org", to: "dev@hub.test", subject: "hello", body: "all" }).await;
    let sent = hub.outbox().await;
    let unsubscribe = sent.to("ann@x.org").one().header("List-Unsubscribe");
    assert_ne!(unsubscribe, sent.to("bob@x.org").one().header("List-Unsubscribe"));
    assert_eq!(unsubscribe.matches("http").count(), 1);
    assert_eq!(sent.to("ann@x.org").one().header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let url = unsubscribe.split('>').next().expect("a URL").trim_start_matches("<http://hub.test").to_owned();
    let is_member = async || admin.get("/lists/dev/members").await.text().contains("ann@x.org");

    // Looking changes nothing, nor does a forged secret.
    let provider = hub.stranger();
    provider.get(&url).await.expect(200);
    let last = if url.ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{last}", &url[..url.len() - 1]);
    let click = form! { "List-Unsubscribe": "One-Click" };
    provider.post_raw(&forged, &click).await.expect(200);
    assert!(is_member().await);
    // No cookie, no token; twice is as good as once; as multipart too.
    provider.post_raw(&url, &click).await.expect(200);
    assert!(!is_member().await);
    provider.post_raw(&url, &click).await.expect(200);
    provider.upload(&url, click, &[]).await.expect(200);
    assert!(admin.get("/lists/dev/members").await.text().contains("bob@x.org"));
}

#[tokio::test]
async fn nobody_learns_who_is_a_member_and_nobody_is_flooded() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    let stranger = hub.stranger();
    let member = stranger.post("/lists/dev/join", form! { address: "ann@x.org" }).await.expect(303);
    let other = stranger.post("/lists/dev/join", form! { address: "new@x.org" }).await.expect(303);
    assert_eq!(member.location(), other.location());
    for _ in 0..5 {
        stranger.post("/lists/dev/join", form! { address: "new@x.org" }).await.expect(303);
        hub.mail_in(mail! { from: "new@x.org", to: "dev-join@hub.test", subject: "", body: "" }).await;
    }
    assert_eq!(hub.outbox().await.to("new@x.org").count(), 1);
    // A program that fills in everything gets no mail out of us.
    stranger.post("/lists/dev/join", form! { address: "bot@x.org", website: "http://spam" }).await.expect(303);
    assert_eq!(hub.outbox().await.to("bot@x.org").count(), 0);
    // Leaving by somebody who is no member says the same and sends nothing.
    stranger.post("/lists/dev/leave", form! { address: "nobody@x.org" }).await.expect(303);
    assert_eq!(hub.outbox().await.to("nobody@x.org").count(), 0);
}

#[tokio::test]
async fn robots_do_not_talk_to_robots() {
    let (hub, _) = hub().await;
    let robots =
        ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "List-Id: <other.example>\n", "X-Autoreply: yes\n"];
    for headers in robots {
        let mail = mail! { from: "ann@x.org", to: "dev-request@hub.test", subject: "help", body: "", headers: headers };
        assert_eq!(hub.mail_in(mail).await, Fate::Accepted);
    }
    let raw = b"From: ann@x.org\r\nTo: dev-join@hub.test\r\n\r\n";
    hub.mail_in_raw("", "dev-join@hub.test", raw).await;
    hub.mail_in(mail! { from: "users-request@hub.test", to: "dev-request@hub.test", subject: "help", body: "" }).await;
    assert_eq!(hub.outbox().await.count(), 0);
    for _ in 0..30 {
        hub.mail_in(mail! { from: "ann@x.org", to: "dev-request@hub.test", subject: "", body: "what is this" }).await;
    }
    let answers = hub.outbox().await.to("ann@x.org");
    assert_eq!(answers.count(), 10, "at most ten answers a day");
    assert!(answers.last().body().contains("> what is this"));
    hub.wait(Duration::days(1));
    hub.mail_in(mail! { from: "ann@x.org", to: "dev-request@hub.test", subject: "help", body: "" }).await;
    assert_eq!(hub.outbox().await.to("ann@x.org").count(), 11);
}

#[tokio::test]
async fn a_moderator_decides_who_joins_a_private_list() {
    let (hub, admin) = hub().await;
    new_list(&admin, "core", "private").await;
    let bob = hub.user("bob").await;
    bob.post("/lists/core/join", form! { address: bob.email() }).await.expect(303);
    let told = hub.outbox().await.to("root").one();
    assert!(told.copy.subject.contains("wants to join"));
    let queue = admin.get("/lists/core/queue").await.expect(200);
    let id = queue.attributes("input[name=joining]", "value")[0].clone();
    bob.get("/lists/core/queue").await.expect(403);
    admin.post("/lists/core/queue", form! { joining: id, decision: "accept" }).await.expect(303);
    assert!(hub.outbox().await.to("bob").last().copy.subject.starts_with("Welcome"));
    hub.stranger().get("/lists/core/").await.expect(303);
    bob.get("/lists/core/").await.expect(200);
}

#[tokio::test]
async fn banned_addresses_neither_join_nor_post() {
    let (hub, admin) = hub().await;
    set(&admin, "dev", "nonmember_action", "accept").await;
    admin.post("/lists/dev/bans", form! { pattern: "@spam.org" }).await.expect(303);
    hub.stranger().post("/lists/dev/join", form! { address: "a@spam.org" }).await.expect(303);
    hub.mail_in(mail! { from: "a@spam.org", to: "dev@hub.test", subject: "buy", body: "now" }).await;
    assert_eq!(hub.outbox().await.count(), 0);
    assert!(!admin.get("/lists/dev/").await.text().contains("buy"));
    admin.post("/lists/dev/bans", form! { pattern: "@spam.org", lift: "1" }).await.expect(303);
    hub.mail_in(mail! { from: "a@spam.org", to: "dev@hub.test", subject: "sorry", body: "now" }).await;
    assert!(admin.get("/lists/dev/").await.text().contains("sorry"));
}

#[tokio::test]
async fn members_are_kept_on_the_command_line() {
    let (hub, admin) = hub().await;
    command(&hub, &["new", "users@hub.test", "--style", "open"]).await.expect("a list");
    let twice = command(&hub, &["new", "users"]).await.expect_err("it is there");
    assert!(twice.contains("already"), "{twice}");
    assert!(command(&hub, &["new", "users@elsewhere.org"]).await.expect_err("not ours").contains("hub.test"));
    assert!(command(&hub, &["new", "x", "--style", "loud"]).await.expect_err("no style").contains("announce"));
    command(&hub, &["members", "add", "users", "Ann <Ann@x.org>", "bob@x.org"]).await.expect("members");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "# ours\nbob@x.org\nCid <cid@x.org>\n\n").expect("a file");
    let path = file.path().to_str().expect("a path");
    command(&hub, &["members", "sync", "users", path]).await.expect("a sync");
    let page = admin.get("/lists/users/members").await.text();
    assert!(page.contains("cid@x.org") && page.contains("bob@x.org") && !page.contains("Ann@x.org"));
    command(&hub, &["members", "remove", "users", "bob@x.org"]).await.expect("a removal");
    command(&hub, &["members", "list", "users", "--json"]).await.expect("a table");
    assert!(command(&hub, &["members", "add", "users", "nonsense"]).await.is_err());
    assert!(command(&hub, &["members", "list", "nothing"]).await.expect_err("no list").contains("nothing"));
}
