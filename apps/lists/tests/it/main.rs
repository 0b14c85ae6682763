//! Conversations with mailing lists, by mail and on the web.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod archive;
mod bounces;
mod import;
mod moderation;
mod posting;
mod subscription;

use guildhall_lists as lists;
use testkit::{Browser, TestHub, form, mail};

fn module(hub: &kernel::Hub) -> plug::Module {
    lists::module(hub, lists::Config::default())
}

/// A hub with one list, `dev`, and its administrator.
pub async fn hub() -> (TestHub, Browser) {
    let hub = TestHub::with([module as fn(&kernel::Hub) -> plug::Module]).await;
    let admin = hub.admin("root").await;
    new_list(&admin, "dev", "discussion").await;
    (hub, admin)
}

pub async fn new_list(admin: &Browser, name: &str, style: &str) {
    admin.post("/lists/new", form! { address: name, title: "", style: style }).await.expect(303);
}

/// Makes addresses members, as a moderator does.
pub async fn members(admin: &Browser, list: &str, addresses: &[&str]) {
    let form = form! { what: "add", addresses: addresses.join("\n") };
    admin.post(&format!("/lists/{list}/members"), form).await.expect(303);
}

/// Runs a command of this app; the words follow `guildhall lists`.
pub async fn command(hub: &TestHub, words: &[&str]) -> Result<(), String> {
    let command = lists::commands().into_iter().find(|command| command.clap.get_name() == words[0]).expect("a command");
    let matches = command.clap.clone().try_get_matches_from(words).map_err(|error| error.to_string())?;
    match command.run {
        plug::Run::WithHub(run) => run(hub.hub.clone(), matches).await.map_err(|error| format!("{error:#}")),
        plug::Run::Alone(run) => run(matches).map_err(|error| format!("{error:#}")),
    }
}

/// Changes one setting of a list and keeps the others.
pub async fn set(admin: &Browser, list: &str, name: &str, value: &str) {
    let mut fields = settings_but(admin, list, name).await;
    fields.push((name.to_owned(), value.to_owned()));
    admin.post(&format!("/lists/{list}/settings"), fields).await.expect(303);
}

/// Takes the tick off one setting of a list and keeps the others.
pub async fn untick(admin: &Browser, list: &str, name: &str) {
    let fields = settings_but(admin, list, name).await;
    admin.post(&format!("/lists/{list}/settings"), fields).await.expect(303);
}

/// The settings of a list as its form shows them, without one.
async fn settings_but(admin: &Browser, list: &str, name: &str) -> Vec<(String, String)> {
    let page = admin.get(&format!("/lists/{list}/settings")).await.expect(200);
    let mut fields = Vec::new();
    for kind in ["input[type=text]", "input[type=number]"] {
        let names = page.attributes(&format!("form:first-of-type {kind}"), "name");
        let values = page.attributes(&format!("form:first-of-type {kind}"), "value");
        fields.extend(names.into_iter().zip(values));
    }
    fields.retain(|(name, _)| name != "person");
    for name in ["audience", "roster", "member_action", "nonmember_action"] {
        let chosen = page.attributes(&format!("select[name={name}] option[selected]"), "value");
        fields.push((name.to_owned(), chosen[0].clone()));
    }
    for name in page.attributes("input[type=checkbox][checked]", "name") {
        fields.push((name, "1".into()));
    }
    fields.retain(|(known, _)| known != name);
    fields
}

/// A post by mail with a Message-ID.
pub fn letter(from: &str, subject: &str, id: &str, refs: &str) -> testkit::Letter {
    let refs: Vec<String> = refs.split_whitespace().map(|id| format!("<{id}>")).collect();
    mail! {
        from: from, to: "dev@hub.test", subject: subject, body: format!("This is {id}.\n"), message_id: id,
        references: refs.join(" ")
    }
}

#[tokio::test]
async fn every_template_renders_its_sample() {
    let (hub, _) = hub().await;
    hub.render_samples().await;
}
