//! A folder becomes a site, and a change of it is shown whole or not at all.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::Arc;

use guildhall_site as site;
use jobs::Runner;
use journal::{Event, query::Wanted};
use kernel::{Hub, Settings};
use people::Actor;
use plug::Module;
use site::Config;
use site::generate::{SourceFile, Wish, generate};
use site::publish::Built;
use site::query::Build;
use testkit::{TestHub, form};

fn manual(hub: &Hub) -> Module {
    site::module(hub, Config::default())
}

fn from_folder(hub: &Hub) -> Module {
    site::module(
        hub,
        Config { source: hub.settings.data.join("pages"), repository: "pypy".into(), ..Config::default() },
    )
}

fn write(hub: &TestHub, name: &str, text: &str) {
    let path = hub.hub.settings.data.join("pages").join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

async fn hub() -> TestHub {
    TestHub::with([from_folder as fn(&Hub) -> Module]).await
}

async fn build(hub: &TestHub) {
    hub.wait(chrono::Duration::seconds(6));
    hub.settle().await;
}

#[tokio::test]
async fn the_manual_stands_at_docs() {
    let hub = TestHub::with([manual as fn(&Hub) -> Module]).await;
    site::prepare(&hub.hub, &Config::default()).await.expect("a wish for a build");
    hub.settle().await;
    let page = hub.stranger().get("/docs/architecture").await.expect(200);
    assert!(page.text().contains("The house"), "{}", page.text());
    assert!(hub.stranger().get("/sitemap.xml").await.expect(200).text().contains("http://hub.test/docs/architecture"));
}

#[tokio::test]
async fn a_changed_page_is_shown_and_a_moved_one_is_found() {
    let hub = hub().await;
    write(&hub, "index.md", "# Welcome\n\nTo the [guide](guide.md).\n");
    write(&hub, "guide.md", "# Guide\n\nHow to feed a heron, see #12.\n");
    write(&hub, "pic.svg", "<svg/>");
    build(&hub).await;
    let stranger = hub.stranger();
    assert!(stranger.get("/site/").await.expect(200).text().contains("href=\"/site/guide\""));
    let picture = stranger.get("/site/pic.svg").await.expect(200);
    assert!(picture.headers["content-security-policy"].to_str().is_ok_and(|policy| policy.contains("sandbox")));
    assert!(stranger.get("/site/nowhere").await.expect(404).text().contains("no page nowhere"));

    write(&hub, "guide.md", "---\nredirect_from: old-guide\n---\n# Guide\n\nHow to feed two herons.\n");
    build(&hub).await;
    assert!(stranger.get("/site/guide").await.expect(200).text().contains("two herons"));
    assert_eq!(stranger.get("/site/old-guide").await.location(), "/site/guide");
}

#[tokio::test]
async fn a_push_rebuilds_and_news_are_announced_once() {
    let hub = hub().await;
    write(&hub, "index.md", "# Welcome\n");
    build(&hub).await;
    write(&hub, "news/one.md", "---\ndate: 2026-11-20\n---\n# It works\n\nWe are proud.\n");
    let tx = hub.hub.store.write().await.expect("a transaction");
    let event = Event::CommitsPushed {
        repository: "pypy".into(),
        push: 1,
        vcs: "git".into(),
        refname: "refs/heads/main".into(),
        url: "/p".into(),
        pusher: "ann".into(),
        commits: vec![],
        total: 1,
        audience: "public".into(),
        change: "updated".into(),
        channel: String::new(),
    };
    journal::append(&tx, &Actor::system("test"), event).expect("an entry");
    tx.commit().await.expect("a commit");
    hub.settle().await;
    build(&hub).await;
    let wanted = Wanted { module: Some("site".into()), ..Wanted::default() };
    let lines =
        journal::query::stream(&hub.hub.store.read(), &Actor::Anonymous, &wanted, 10).await.expect("the stream");
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["published It works"]);
    assert!(hub.stranger().get("/site/news.atom").await.expect(200).text().contains("We are proud"));
}

#[tokio::test]
async fn an_administrator_reads_warnings_and_rolls_back() {
    let hub = hub().await;
    write(&hub, "index.md", "# First\n\n[gone](gone.md)\n");
    build(&hub).await;
    write(&hub, "index.md", "# Second edition\n");
    build(&hub).await;
    let root = hub.admin("root").await;
    assert!(hub.stranger().get("/site/").await.expect(200).text().contains("Second edition"));
    root.post("/admin/sites/site/rollback", form! {}).await;
    assert!(hub.stranger().get("/site/").await.expect(200).text().contains("First"));
    let admin = root.get("/admin/sites").await.expect(200).text();
    assert!(admin.contains("gone.md") && admin.contains("index.md:3"), "{admin}");
}

/// How often the site was built.
async fn builds(hub: &TestHub) -> usize {
    let entries = journal::query::after(&hub.hub.store.read(), 0, &["SiteBuilt"], 100).await.expect("the journal");
    entries.iter().filter(|entry| matches!(&entry.event, Event::SiteBuilt { site, .. } if site == "site")).count()
}

#[tokio::test]
async fn of_two_builds_at_once_the_older_state_is_never_shown_over_the_newer() {
    let hub = hub().await;
    let site = Config { source: hub.hub.settings.data.join("pages"), ..Config::default() }.sites().remove(0);
    let publish = async |before: Option<&Build>, title: &str| {
        let pages = [("index.md".into(), SourceFile::new(format!("# {title}\n").into_bytes()))].into();
        let made = generate(&pages, &Wish::hub("/site", hub.hub.now()));
        let built = Built { made, revision: title.into(), signature: title.into() };
        let tx = hub.hub.store.write().await.expect("a transaction");
        let id = site::publish::publish(&tx, &Actor::system("site"), &site, before, &built).await.expect("a build");
        tx.commit().await.expect("a commit");
        id
    };
    let shown = async || site::query::shown_build(&hub.hub.store.read(), &site.name).await.expect("a build");
    // Each build begins by asking what is shown; the second of two ends first.
    let older = shown().await;
    assert!(publish(shown().await.as_ref(), "Newer").await.is_some());
    assert_eq!(publish(older.as_ref(), "Older").await, None, "the first build of all");
    let older = shown().await;
    assert!(publish(shown().await.as_ref(), "Newest").await.is_some());
    assert_eq!(publish(older.as_ref(), "Old").await, None);
    assert!(hub.stranger().get("/site/").await.expect(200).text().contains("Newest"));
    let kept = site::query::builds(&hub.hub.store.read(), &site.name).await.expect("builds");
    assert_eq!(kept.iter().map(|build| build.revision.as_str()).collect::<Vec<_>>(), ["Newest", "Newer"]);
}

#[tokio::test]
async fn what_changes_during_a_build_is_built_after_it_by_whichever_hub() {
    let hub = hub().await;
    write(&hub, "index.md", "# First\n");
    build(&hub).await;
    let other = Hub::new(
        hub.hub.store.clone(),
        Settings { node: "other".into(), ..hub.hub.settings.clone() },
        hub.hub.templates.clone(),
    );
    let other = Arc::new(Runner::new(other.clone(), from_folder(&other).jobs));
    // A page that cannot be read to its end holds a build up.
    let pipe = hub.hub.settings.data.join("pages/pipe.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    hub.wait(chrono::Duration::seconds(6));
    let slow = tokio::spawn(async move { other.settle().await });
    // The end to write to opens when somebody reads.
    let writing = pipe.clone();
    let writer = tokio::task::spawn_blocking(move || std::fs::File::options().write(true).open(writing));
    let writer = writer.await.expect("a task").expect("a pipe");
    write(&hub, "index.md", "# Second edition\n");
    std::fs::remove_file(&pipe).expect("no pipe");
    build(&hub).await;
    assert_eq!(builds(&hub).await, 1, "nobody builds beside it");
    drop(writer);
    slow.await.expect("a task").expect("the jobs");
    hub.settle().await;
    assert!(hub.stranger().get("/site/").await.expect(200).text().contains("Second edition"));
    assert_eq!(builds(&hub).await, 3, "the first, the slow one and the one that was asked for meanwhile");
}

#[tokio::test]
async fn who_asks_late_for_a_change_that_is_shown_gets_no_second_build() {
    let hub = hub().await;
    let ask = async |payload: serde_json::Value| {
        let tx = hub.hub.store.write().await.expect("a transaction");
        jobs::enqueue(&tx, "RebuildSite", "site", payload).await.expect("a job");
        tx.commit().await.expect("a commit");
        hub.settle().await;
        builds(&hub).await
    };
    write(&hub, "index.md", "# First\n");
    let if_changed = serde_json::json!({ "site": "site", "if_changed": true });
    assert_eq!(ask(if_changed.clone()).await, 1);
    assert_eq!(ask(if_changed.clone()).await, 1);
    assert_eq!(ask(serde_json::json!({ "site": "site" })).await, 2, "the button of an administrator always builds");
    write(&hub, "index.md", "# Second edition\n");
    assert_eq!(ask(if_changed).await, 3);
}

#[tokio::test]
async fn every_template_renders() {
    hub().await.render_samples().await;
}
