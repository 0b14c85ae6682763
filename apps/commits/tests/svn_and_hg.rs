//! What commits to Subversion and pushes to Mercurial become.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use std::path::{Path, PathBuf};

use commits::repository::Settings;
use common::{hub, poke, register, run, spool};
use guildhall_commits as commits;
use journal::Event;
use tempfile::TempDir;
use testkit::TestHub;

/// A Subversion repository and a working copy of its trunk.
struct Svn(TempDir);

impl Svn {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "svnadmin", &["create", "repo"]);
        let svn = Self(folder);
        let (trunk, branches) = (svn.url("trunk"), svn.url("branches"));
        run(svn.0.path(), "svn", &["mkdir", "-q", "-m", "Lay out", &trunk, &branches]);
        run(svn.0.path(), "svn", &["checkout", "-q", &trunk, "work"]);
        svn
    }

    fn url(&self, path: &str) -> String {
        format!("file://{}/{path}", self.repo().display())
    }

    fn repo(&self) -> PathBuf {
        self.0.path().join("repo")
    }

    fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn settings(&self, list: &str) -> Settings {
        Settings {
            name: "old".into(),
            path: self.repo().to_string_lossy().into_owned(),
            list_address: list.into(),
            ..Settings::default()
        }
    }

    /// Commits what the working copy has, as ann, and keeps the record that `post-commit` would keep.
    fn commit(&self, hub: &TestHub, message: &str) {
        run(&self.work(), "svn", &["commit", "-q", "--username", "ann", "-m", message]);
        let youngest = run(&self.repo(), "svnlook", &["youngest", "."]);
        spool(hub, "old", "svn", &["post-commit", &self.repo().to_string_lossy(), youngest.trim()]);
        run(&self.work(), "svn", &["update", "-q"]);
    }
}

async fn events(hub: &TestHub) -> Vec<(String, String, u64, Vec<journal::Commit>)> {
    let entries = journal::query::after(&hub.hub.store.read(), 0, &["CommitsPushed"], 100).await.expect("the journal");
    let read = |event: Event| match event {
        Event::CommitsPushed { refname, change, total, commits, .. } => (refname, change, total, commits),
        other => panic!("{other:?}"),
    };
    entries.into_iter().map(|entry| read(entry.event)).collect()
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).expect("a file");
}

#[tokio::test]
async fn a_commit_to_subversion_has_a_page_and_a_mail() {
    let hub = hub().await;
    let _ann = hub.user("ann").await;
    let svn = Svn::new();
    let repository = register(&hub, svn.settings("dev@lists.example.org")).await;
    write(&svn.work(), "a é.txt", "one\ntwo\n");
    run(&svn.work(), "svn", &["add", "-q", "a é.txt"]);
    svn.commit(&hub, "Add é, fixes #3");
    run(&svn.work(), "svn", &["copy", "-q", "a é.txt", "b.txt"]);
    write(&svn.work(), "b.txt", "one\nzwei\n");
    run(&svn.work(), "svn", &["propset", "-q", "svn:eol-style", "native", "b.txt"]);
    run(&svn.work(), "svn", &["rm", "-q", "a é.txt"]);
    svn.commit(&hub, "Move it");
    poke(&hub, &repository).await;

    let events = events(&hub).await;
    let (refname, change, total, told) = &events[0];
    assert_eq!((refname.as_str(), change.as_str(), *total), ("trunk", "updated", 1));
    assert_eq!(
        (told[0].short.as_str(), told[0].author_email.as_str(), told[0].mentions[0].issue),
        ("r2", "ann@example.org", 3)
    );
    let page = hub.stranger().get("/commits/old/r3").await.expect(200);
    assert_eq!(page.select("tr.add code"), ["zwei", "native"]);
    assert_eq!(page.attributes(".page-meta a.person", "href"), ["/people/ann"]);
    assert_eq!(hub.stranger().get("/c/r2").await.expect(303).location(), "/commits/old/r2");
    assert_eq!(hub.stranger().get("/commits/old/2").await.expect(303).location(), "/commits/old/r2");
    // What was there before it was registered.
    assert_eq!(hub.stranger().get("/c/r1").await.expect(303).location(), "/commits/old/r1");
    assert!(hub.stranger().get("/commits/old/r1").await.expect(200).text().contains("Lay out"));
    hub.stranger().get("/commits/old/r99").await.expect(404);

    let mails = hub.outbox().await.to("dev@lists.example.org");
    let subjects: Vec<_> = mails.0.iter().map(|mail| mail.message.subject.clone()).collect();
    assert_eq!(subjects, ["[old] r2 - trunk", "[old] r3 - trunk"]);
    let mail = &mails.0[1];
    for (name, value) in [
        ("X-Svn-Commit-Project", "old"),
        ("X-Svn-Commit-Author", "ann"),
        ("X-Svn-Commit-Revision", "3"),
        ("X-Svn-Commit-Repository", "repo"),
        ("Auto-Submitted", "auto-generated"),
    ] {
        assert_eq!(mail.header(name), value, "{name}");
    }
    assert!(mail.body().contains("Move it") && mail.body().contains("+zwei"), "{}", mail.body());
}

#[tokio::test]
async fn branches_of_subversion_are_told_apart() {
    let hub = hub().await;
    let svn = Svn::new();
    let repository = register(&hub, svn.settings("")).await;
    run(svn.0.path(), "svn", &["copy", "-q", "-m", "Branch", &svn.url("trunk"), &svn.url("branches/x")]);
    run(svn.0.path(), "svn", &["switch", "-q", "--ignore-ancestry", &svn.url("branches/x"), "work"]);
    write(&svn.work(), "n", "1\n");
    run(&svn.work(), "svn", &["add", "-q", "n"]);
    svn.commit(&hub, "On the branch");
    poke(&hub, &repository).await;
    assert_eq!(events(&hub).await[0].0, "branches/x");
    let branch = hub.stranger().get("/commits/old/?branch=branches%2Fx").await.expect(200);
    assert_eq!(branch.select("td.title a").first().map(String::as_str), Some("On the branch"));
}

#[tokio::test]
async fn a_message_of_subversion_that_is_mended_later_is_mended_here_too() {
    let hub = hub().await;
    let svn = Svn::new();
    let repository = register(&hub, svn.settings("")).await;
    write(&svn.work(), "n", "1\n");
    run(&svn.work(), "svn", &["add", "-q", "n"]);
    svn.commit(&hub, "Fxi it");
    poke(&hub, &repository).await;
    let repo = svn.repo().to_string_lossy().into_owned();
    std::fs::write(svn.0.path().join("message"), "Fix it well").unwrap();
    run(svn.0.path(), "svnadmin", &["setlog", &repo, "-r", "2", "--bypass-hooks", "message"]);
    spool(&hub, "old", "svn", &["post-revprop-change", &repo, "2", "ann", "svn:log", "M"]);
    spool(&hub, "old", "svn", &["post-revprop-change", &repo, "2", "ann", "other", "A"]);
    poke(&hub, &repository).await;
    assert_eq!(hub.stranger().get("/commits/old/").await.expect(200).select("td.title a")[0], "Fix it well");
    assert_eq!(events(&hub).await.len(), 1, "nobody is told a second time");
    let question = search::Question { text: "well".into(), ..Default::default() };
    let found = search::find(&hub.hub.store.read(), &people::Actor::Anonymous, &question, store::Paging::first(10))
        .await
        .unwrap();
    assert_eq!(found.items[0].url, "/commits/old/r2");
}

/// A Mercurial repository to which a clone is pushed.
struct Hg(TempDir);

impl Hg {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "hg", &["init", "repo"]);
        run(folder.path(), "hg", &["clone", "-q", "repo", "work"]);
        let rc = format!(
            "[hooks]\nchangegroup.test = echo $HG_NODE $HG_NODE_LAST > '{}'\n",
            folder.path().join("nodes").display()
        );
        std::fs::write(folder.path().join("repo/.hg/hgrc"), rc).expect("a hook");
        Self(folder)
    }

    fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn commit(&self, file: &str, text: &str, message: &str) {
        write(&self.work(), file, text);
        run(&self.work(), "hg", &["addremove", "-q"]);
        run(&self.work(), "hg", &["commit", "-q", "-m", message]);
    }

    /// Pushes; the first and the last changeset, as the hook is told.
    fn push(&self) -> (String, String) {
        run(&self.work(), "hg", &["push", "-q", "--new-branch"]);
        let nodes = std::fs::read_to_string(self.0.path().join("nodes")).expect("the hook ran");
        let (first, last) = nodes.trim().split_once(' ').expect("two changesets");
        (first.to_owned(), last.to_owned())
    }
}

/// The record that `guildhall hook hg` would keep: Mercurial hands the changesets over in the environment.
fn spool_hg(hub: &TestHub, stamp: u64, (first, last): (String, String)) {
    let record = serde_json::json!({
        "key": stamp.to_string(), "repository": "merc", "at": 1_795_000_000_000_i64,
        "origin": { "hook": { "vcs": "hg", "directory": "", "arguments": [], "input": "",
            "environment": { "HG_NODE": first, "HG_NODE_LAST": last, "USER": "nobody" } } },
    });
    let folder = hub.hub.store.data().join(commits::hook::FOLDER);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{stamp:020}.json")), record.to_string()).expect("a record");
}

#[tokio::test]
async fn a_push_to_mercurial_has_a_page_and_a_thread_of_mails() {
    let hub = hub().await;
    let hg = Hg::new();
    let settings = Settings {
        name: "merc".into(),
        path: hg.0.path().join("repo").to_string_lossy().into_owned(),
        list_address: "dev@lists.example.org".into(),
        ..Settings::default()
    };
    let repository = register(&hub, settings).await;
    hg.commit("a b", "one\n", "One, closes #5");
    spool_hg(&hub, 1, hg.push());
    run(&hg.work(), "hg", &["mv", "-q", "a b", "c"]);
    hg.commit("d é", "d\n", "Two");
    run(&hg.work(), "hg", &["branch", "-q", "stable"]);
    hg.commit("e", "e\n", "Three");
    hg.commit("e", "f\n", "Four");
    spool_hg(&hub, 2, hg.push());
    poke(&hub, &repository).await;

    let events = events(&hub).await;
    let seen: Vec<_> =
        events.iter().map(|(refname, change, total, _)| (refname.as_str(), change.as_str(), *total)).collect();
    assert_eq!(seen, [("default", "created", 1), ("default", "updated", 1), ("stable", "created", 2)]);
    assert_eq!((events[0].3[0].author_email.as_str(), events[0].3[0].mentions[0].closes), ("ann@example.org", true));
    let page = hub.stranger().get(&events[1].3[0].url).await.expect(200);
    assert_eq!(page.select(".diff-path"), ["a b → c", "d é"]);
    let patch = hub.stranger().get(&format!("{}.patch", events[1].3[0].url)).await.expect(200).text();
    assert!(patch.starts_with("# HG changeset patch"));

    let mails = hub.outbox().await.to("dev@lists.example.org");
    let subjects: Vec<_> = mails.0.iter().map(|mail| mail.message.subject.clone()).collect();
    assert_eq!(
        subjects,
        [
            "changeset in merc: One, closes #5",
            "changeset in merc: Two",
            "merc: 2 new changesets",
            "changeset in merc: Three",
            "changeset in merc: Four",
        ]
    );
    let summary = &mails.0[2].message.message_id;
    assert!(mails.0[3..].iter().all(|mail| mail.message.in_reply_to == [summary.clone()]));
    assert!(mails.0[1].header("X-Hg-Notification").starts_with("changeset "));
}
