//! A folder becomes a site, and a change of it is shown whole or not at all.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use guildhall_site as site;
use journal::{Event, query::Wanted};
use kernel::Hub;
use people::Actor;
use plug::Module;
use site::Config;
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
    journal::append(&tx, &Actor::system("test"), event).await.expect("an entry");
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

#[tokio::test]
async fn every_template_renders() {
    hub().await.render_samples().await;
}
