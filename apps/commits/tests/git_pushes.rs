//! What a push to git becomes.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use commits::repository::Settings;
use common::{Git, hub, poke, register};
use guildhall_commits as commits;
use journal::Event;
use testkit::TestHub;

async fn events(hub: &TestHub) -> Vec<Event> {
    let entries = journal::query::after(&hub.hub.store.read(), 0, &["CommitsPushed"], 100).await.expect("the journal");
    entries.into_iter().map(|entry| entry.event).collect()
}

/// `main updated 2`, one for each event.
async fn told(hub: &TestHub) -> Vec<String> {
    let line = |event: Event| match event {
        Event::CommitsPushed { refname, change, total, .. } => format!("{refname} {change} {total}"),
        other => panic!("{other:?}"),
    };
    events(hub).await.into_iter().map(line).collect()
}

#[tokio::test]
async fn a_push_has_a_page_with_its_commits_and_their_diffs() {
    let hub = hub().await;
    let git = Git::new("pypy");
    git.commit("a.txt", "one\ntwo\n", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let repository = register(&hub, git.settings()).await;
    let id = git.commit("a.txt", "one\nzwei <b>\n", "Fix crash, closes #1\n\nIt was late; see #2.");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;

    let all = events(&hub).await;
    let [Event::CommitsPushed { commits, total: 1, change, url, pusher, .. }] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!((change.as_str(), pusher.as_str()), ("updated", "Ann Éx"));
    let mentions: Vec<_> = commits[0].mentions.iter().map(|mention| (mention.issue, mention.closes)).collect();
    assert_eq!(mentions, [(1, true), (2, false)]);
    assert_eq!(
        (commits[0].author_email.as_str(), commits[0].paths.as_slice()),
        ("ann@example.org", &["a.txt".to_owned()][..])
    );

    let page = hub.stranger().get(url).await.expect(200);
    assert_eq!(page.select("td.title a"), ["Fix crash, closes #1"]);
    let page = hub.stranger().get(&commits[0].url).await.expect(200);
    assert!(page.text().contains("zwei &lt;b&gt;") || page.select("tr.add code") == ["zwei <b>"], "{}", page.text());
    assert_eq!(page.select("tr.del code"), ["two"]);
    assert_eq!(page.attributes(".diff-files a", "href"), ["#f1"]);
    assert_eq!(hub.stranger().get(&format!("/c/{}", &id[..8])).await.expect(303).location(), commits[0].url);
    let patch = hub.stranger().get(&format!("{}.patch", commits[0].url)).await.expect(200).text();
    assert!(patch.starts_with(&format!("From {id}")) && patch.contains("+zwei <b>\n"), "{patch}");
    let list = hub.stranger().get("/commits/pypy/").await.expect(200);
    assert_eq!(list.select("td.title a"), ["Fix crash, closes #1"]);
    assert!(hub.stranger().get("/commits/pypy/.atom").await.expect(200).text().contains("[pypy] Fix crash, closes #1"));
}

#[tokio::test]
async fn a_change_too_large_for_its_page_says_how_many_files_it_has() {
    let hub = hub().await;
    let git = Git::new("pypy");
    git.commit("a.txt", "one\n", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let repository = register(&hub, git.settings()).await;
    std::fs::write(git.work().join("small.txt"), "two\n").expect("a file");
    std::fs::write(git.work().join("also.txt"), "two\nthree\n").expect("a file");
    let id = git.commit("large.txt", &"a line of a file that is large\n".repeat(80_000), "Add much");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let page = hub.stranger().get(&format!("/commits/pypy/{id}")).await.expect(200);
    assert_eq!(page.select("h2#files"), ["3 files"]);
    assert_eq!(page.select(".section-head .added"), ["+80003"]);
    assert_eq!(page.attributes(".diff-files a", "href"), ["#f1", "#f2", "#f3"]);
    let notes = page.select(".diff-note");
    assert_eq!(
        notes,
        ["Only the beginning is shown. The patch has all of it.", "Its lines are left out here. The patch has them."]
    );
    assert!(page.select(".notice").join("").contains("The lines of 2 of its 3 files are shown"), "{}", page.text());
}

#[tokio::test]
async fn a_commit_is_shown_when_its_repository_is_gone_from_its_place() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = register(&hub, git.settings()).await;
    let id = git.commit("a.txt", "one\n", "Start\n\nFor #1.");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let page = format!("/commits/pypy/{id}");
    assert!(!hub.stranger().get(&page).await.expect(200).attributes("a[href$='.patch']", "href").is_empty());
    std::fs::rename(repository.folder().expect("a folder"), hub.hub.store.data().join("elsewhere")).expect("it moves");
    let shown = hub.stranger().get(&page).await.expect(200);
    assert_eq!(shown.select("h1"), [format!("Start {}", &id[..8])]);
    assert!(shown.text().contains("The repository is not at its place on the machine of the hub."), "{}", shown.text());
    assert!(shown.text().contains("a.txt") && shown.text().contains("/issues/1"), "{}", shown.text());
    assert!(shown.attributes("a[href$='.patch']", "href").is_empty(), "there is no patch to be had");
    let patch = hub.stranger().get(&format!("{page}.patch")).await.expect(404);
    assert!(patch.text().contains("the repository is not at its place"), "{}", patch.text());
    let unknown = hub.stranger().get("/commits/pypy/0123456789abcdef").await.expect(404);
    assert!(unknown.text().contains("The hub has not heard of a commit 0123456789abcdef"), "{}", unknown.text());
    hub.stranger().get("/commits/pypy/").await.expect(200);
}

#[tokio::test]
async fn one_record_makes_one_push_however_often_it_is_read() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = register(&hub, git.settings()).await;
    git.commit("a", "1", "One");
    git.push(&hub, &["main"]);
    let folder = hub.hub.store.data().join(commits::hook::FOLDER);
    let record = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&record).unwrap();
    poke(&hub, &repository).await;
    assert!(!record.exists(), "a record that was read is taken away");
    // As after a crash between the commit and the removal of the record.
    std::fs::write(&record, bytes).unwrap();
    poke(&hub, &repository).await;
    assert_eq!(told(&hub).await, ["refs/heads/main created 1"]);
    assert!(!record.exists());
}

#[tokio::test]
async fn pushes_made_while_the_hub_was_down_arrive_in_their_order() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = register(&hub, git.settings()).await;
    for n in 1..=3 {
        git.commit("a", &n.to_string(), &format!("Commit {n}"));
        git.push(&hub, &["main"]);
    }
    git.git(&["reset", "-q", "--hard", "HEAD~2"]);
    git.commit("b", "x", "Instead");
    git.push(&hub, &["-f", "main"]);
    poke(&hub, &repository).await;
    assert_eq!(
        told(&hub).await,
        [
            "refs/heads/main created 1",
            "refs/heads/main updated 1",
            "refs/heads/main updated 1",
            "refs/heads/main forced 1",
        ]
    );
    let page = hub.stranger().get("/commits/pypy/pushes/4").await.expect(200).text();
    assert!(page.contains("2 on no branch any more"), "{page}");
}

#[tokio::test]
async fn a_commit_is_new_once() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = register(&hub, git.settings()).await;
    git.commit("a", "1", "One");
    git.git(&["branch", "other"]);
    git.push(&hub, &["main", "other"]);
    git.git(&["tag", "light"]);
    git.git(&["tag", "-a", "-m", "Version 1", "v1"]);
    git.push(&hub, &["light", "v1"]);
    git.git(&["checkout", "-q", "-b", "topic"]);
    git.commit("t", "1", "On topic, fixes #4");
    git.push(&hub, &["topic"]);
    git.git(&["checkout", "-q", "main"]);
    git.git(&["merge", "-q", "--ff-only", "topic"]);
    git.push(&hub, &["main"]);
    git.push(&hub, &[":topic"]);
    git.push(&hub, &["main:refs/heads/again"]);
    poke(&hub, &repository).await;
    assert_eq!(
        told(&hub).await,
        [
            "refs/heads/main created 1",
            "refs/heads/other created 0",
            "refs/tags/light created 0",
            "refs/tags/v1 created 0",
            "refs/heads/topic created 1",
            "refs/heads/main updated 0",
            "refs/heads/topic deleted 0",
            "refs/heads/again created 0",
        ]
    );
}

#[tokio::test]
async fn merges_moves_binaries_and_odd_names_are_shown() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = register(&hub, git.settings()).await;
    git.commit("a b/é \"x\".txt", "1\n2\n3\n4\n", "One");
    std::fs::write(git.work().join("pic.png"), [0_u8, 159, 146, 150, 0]).unwrap();
    git.commit("run.sh", "#!/bin/sh\n", "Add picture");
    git.git(&["mv", "a b/é \"x\".txt", "moved.txt"]);
    common::run(&git.work(), "chmod", &["+x", "run.sh"]);
    git.git(&["commit", "-q", "-a", "-m", "Move and mark"]);
    let moved = git.git(&["rev-parse", "HEAD"]);
    git.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    git.commit("side.txt", "s\n", "Aside");
    git.git(&["checkout", "-q", "main"]);
    git.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    git.git(&["-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-m", "Caf\u{e9}"]);
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let page = hub.stranger().get("/commits/pypy/pushes/1").await.expect(200);
    let subjects = page.select("td.title a");
    assert_eq!(subjects.len(), 6, "{subjects:?}");
    assert!(subjects.contains(&"Merge side".to_owned()));
    let page = hub.stranger().get(&format!("/commits/pypy/{}", moved.trim())).await.expect(200);
    assert!(
        page.text().contains("Moved without a change") && page.text().contains("100644 → 100755"),
        "{}",
        page.text()
    );
    assert_eq!(page.select(".diff-path"), ["a b/é \"x\".txt → moved.txt", "run.sh"]);
}

#[tokio::test]
async fn issues_are_closed_on_the_branches_that_say_so() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let settings =
        Settings { closes_on: "main".into(), tracker: "core".into(), channel: "#pypy".into(), ..git.settings() };
    let repository = register(&hub, settings).await;
    git.commit("a", "1", "One, fixes #1 and web#2");
    git.push(&hub, &["main"]);
    git.git(&["checkout", "-q", "-b", "topic"]);
    git.commit("a", "2", "Two, fixes #3");
    git.push(&hub, &["topic"]);
    poke(&hub, &repository).await;
    let mut mentions = Vec::new();
    for event in events(&hub).await {
        let Event::CommitsPushed { commits, channel, .. } = event else { panic!() };
        assert_eq!(channel, "#pypy");
        mentions.extend(
            commits.into_iter().flat_map(|c| c.mentions).map(|m| (m.tracker.unwrap_or_default(), m.issue, m.closes)),
        );
    }
    assert_eq!(mentions, [("core".into(), 1, true), ("web".into(), 2, true), ("core".into(), 3, false)]);
}

#[tokio::test]
async fn a_record_of_an_unknown_repository_is_kept_and_read_again() {
    let hub = hub().await;
    let git = Git::new("pypy");
    git.commit("a", "1", "One");
    git.push(&hub, &["main"]);
    let other = register(&hub, Git::new("other").settings_elsewhere()).await;
    poke(&hub, &other).await;
    let root = hub.admin("root").await;
    let page = root.get("/admin/commits").await.expect(200).text();
    assert!(page.contains("pypy is not registered"), "{page}");
    register(&hub, git.settings()).await;
    root.post("/admin/commits/retry", vec![]).await.expect(303);
    hub.settle().await;
    assert_eq!(told(&hub).await, ["refs/heads/main created 1"]);
}

#[tokio::test]
async fn a_repository_for_members_is_hidden_from_strangers() {
    let hub = hub().await;
    let git = Git::new("inner");
    let repository = register(&hub, Settings { audience: "members".into(), ..git.settings() }).await;
    let id = git.commit("a", "1", "Secret plan");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let (stranger, ann) = (hub.stranger(), hub.user("ann").await);
    for path in [
        "/commits/inner/",
        "/commits/inner/pushes/1",
        "/commits/inner/.atom",
        "/commits/inner/branches",
        "/commits/inner/people",
    ] {
        stranger.get(path).await.expect(404);
        ann.get(path).await.expect(200);
    }
    stranger.get(&format!("/commits/inner/{id}")).await.expect(404);
    stranger.get(&format!("/c/{id}")).await.expect(404);
    assert!(!stranger.get("/commits/").await.expect(200).text().contains("Secret plan"));
    assert!(ann.get("/commits/").await.expect(200).text().contains("Secret plan"));
}

#[tokio::test]
async fn the_author_is_joined_to_the_person_and_the_commit_is_found() {
    let hub = hub().await;
    let _ann = hub.user("ann").await;
    let git = Git::new("pypy");
    let repository = register(&hub, git.settings()).await;
    git.commit("a", "1", "Make it quick");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let page = hub.stranger().get("/commits/pypy/people").await.expect(200);
    assert_eq!(page.attributes("a.person", "href"), ["/people/ann"]);
    let question = search::Question { text: "quick".into(), ..Default::default() };
    let found = search::find(&hub.hub.store.read(), &people::Actor::Anonymous, &question, store::Paging::first(10))
        .await
        .unwrap();
    assert_eq!(found.items[0].title, "Make it quick");
}

#[tokio::test]
async fn a_hub_that_runs_is_told_at_once_and_one_that_does_not_finds_the_record() {
    let hub = hub().await;
    let git = Git::new("pypy");
    register(&hub, git.settings()).await;
    let mut bell = hub.hub.store.bell(journal::BELL);
    let stop = jobs::Stop::new();
    let watch = || {
        let (hub, stop) = (hub.hub.clone(), stop.child_token());
        let task = common::module(&hub).tasks.remove(0);
        tokio::spawn(async move { task.run(&hub, stop).await })
    };
    let within = std::time::Duration::from_secs(20);
    git.commit("a", "1", "While it was down");
    git.push(&hub, &["main"]);
    let running = watch();
    tokio::time::timeout(within, bell.changed()).await.expect("the record is found at the start").unwrap();
    git.commit("a", "2", "While it runs");
    let input = format!(
        "{} {} refs/heads/main\n",
        git.git(&["rev-parse", "HEAD~1"]).trim(),
        git.git(&["rev-parse", "HEAD"]).trim()
    );
    git.git(&["push", "-q", "origin", "main"]);
    let kept = commits::hook::spool(hub.hub.store.data(), "pypy", "git", &[], input.into_bytes()).unwrap();
    assert_eq!(kept, commits::hook::Kept::Told);
    tokio::time::timeout(within, bell.changed()).await.expect("the hub is told").unwrap();
    assert_eq!(told(&hub).await, ["refs/heads/main created 1", "refs/heads/main updated 1"]);
    stop.cancel();
    running.await.unwrap();
    assert!(!hub.hub.store.data().join(commits::hook::BELL).exists());
}

#[tokio::test]
async fn every_template_renders() {
    hub().await.render_samples().await;
}

#[tokio::test]
async fn a_branch_that_comes_or_goes_is_told_by_its_only_end() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let id = git.commit("a.txt", "one\n", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let repository = register(&hub, git.settings()).await;
    for (words, told) in [(["main:topic"], "at"), ([":topic"], "was")] {
        git.push(&hub, &words);
        poke(&hub, &repository).await;
        let Some(Event::CommitsPushed { url, .. }) = events(&hub).await.pop() else { panic!("no push") };
        let page = hub.stranger().get(&url).await.expect(200);
        assert_eq!(page.select("section p.quiet")[0], format!("{told} {}", &id[..8]));
    }
}
