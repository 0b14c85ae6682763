//! What the list is mailed of a push to git.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use commits::repository::{Repository, Settings};
use common::{Git, hub, poke, register};
use guildhall_commits as commits;
use testkit::{Sent, TestHub};

const LIST: &str = "dev@lists.example.org";

async fn registered(hub: &TestHub, git: &Git) -> Repository {
    register(hub, Settings { list_address: LIST.into(), ..git.settings() }).await
}

async fn mails(hub: &TestHub) -> Vec<Sent> {
    hub.outbox().await.to(LIST).0
}

fn subjects(mails: &[Sent]) -> Vec<&str> {
    mails.iter().map(|mail| mail.message.subject.as_str()).collect()
}

#[tokio::test]
async fn a_single_commit_is_one_mail_from_an_address_of_ours() {
    let hub = hub().await;
    let git = Git::new("pypy");
    git.commit("a.txt", "one\ntwo\n", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let repository = registered(&hub, &git).await;
    let old = git.git(&["rev-parse", "HEAD"]);
    let long = "x".repeat(600);
    let new = git.commit("a.txt", &format!("one \nzwei é\n{long}\n"), "Fix crash, closes #1\n\nIt was late.");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let mails = mails(&hub).await;
    assert_eq!(subjects(&mails), ["[pypy] branch main updated: Fix crash, closes #1"]);
    let mail = &mails[0];
    for (name, value) in [
        ("X-Git-Host", "hub.test"),
        ("X-Git-Repo", "pypy"),
        ("X-Git-Refname", "refs/heads/main"),
        ("X-Git-Reftype", "branch"),
        ("X-Git-Oldrev", old.trim()),
        ("X-Git-Newrev", &new),
        ("X-Git-Rev", &new),
        ("X-Git-NotificationType", "ref_changed_plus_diff"),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "list"),
        ("List-Id", "<commits.pypy.hub.test>"),
    ] {
        assert_eq!(mail.header(name), value, "{name}");
    }
    assert_eq!(
        (mail.message.from.name.as_str(), mail.message.from.address.as_str()),
        ("Ann Éx (via Test Project commits)", "commits@hub.test")
    );
    assert_eq!(mail.message.reply_to[0].address, "ann@example.org");
    assert_eq!(mail.message.message_id, format!("commit.pypy.{new}@hub.test"));
    let body = mail.body().replace("\r\n", "\n");
    assert!(!mail.text().contains("format=flowed"));
    assert!(body.contains("\n-one\n-two\n+one \n+zwei é\n") && body.contains("[...]\n"), "{body}");
    assert!(body.contains("Date:   Fri 2026-11-20 10:00:00 +0200") && body.contains("    It was late.\n"), "{body}");
}

#[tokio::test]
async fn a_patch_in_a_mail_is_one_that_git_takes() {
    let hub = hub().await;
    let git = Git::new("pypy");
    git.commit("a.txt", "one\n\ttwo  \n", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let repository = registered(&hub, &git).await;
    git.commit("a.txt", "one\n\ttwo  \n \nFrom here\n.\n-- \nend é\n", "Add odd lines");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let body = mails(&hub).await[0].body().replace("\r\n", "\n");
    let start = body.find("diff --git").expect("a diff");
    let end = body.rfind("\n-- \nhttp").expect("a footer");
    git.git(&["reset", "-q", "--hard", "HEAD~1"]);
    std::fs::write(git.work().join("../mail.patch"), &body[start..end]).unwrap();
    git.git(&["apply", "../mail.patch"]);
    assert_eq!(
        std::fs::read_to_string(git.work().join("a.txt")).unwrap(),
        "one\n\ttwo  \n \nFrom here\n.\n-- \nend é\n"
    );
}

#[tokio::test]
async fn several_commits_answer_their_summary() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let first = git.commit("a", "0", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let repository = registered(&hub, &git).await;
    git.commit("a", "1", "One");
    let last = git.commit("a", "2", "Two");
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    let mails = mails(&hub).await;
    let summary = format!("[pypy] branch main updated ({} -> {})", &first[..7], &last[..7]);
    assert_eq!(subjects(&mails), [summary.as_str(), "[pypy] 01/02: One", "[pypy] 02/02: Two"]);
    let id = &mails[0].message.message_id;
    for mail in &mails[1..] {
        assert_eq!((&mail.message.in_reply_to, &mail.message.references), (&vec![id.clone()], &vec![id.clone()]));
        assert_eq!(mail.header("X-Git-NotificationType"), "diff");
    }
    assert_eq!(mails[0].header("X-Git-NotificationType"), "ref_changed");
    assert!(mails[0].body().contains(&format!("     new {} Two", &last[..8])), "{}", mails[0].body());
}

#[tokio::test]
async fn branches_and_tags_that_come_go_and_move_are_told() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = registered(&hub, &git).await;
    let one = git.commit("a", "1", "One");
    git.push(&hub, &["main"]);
    git.git(&["tag", "-a", "-m", "Version", "v1"]);
    git.push(&hub, &["v1"]);
    let two = git.commit("a", "2", "Two");
    git.push(&hub, &["main"]);
    git.git(&["tag", "-f", "-a", "-m", "Version again", "v1"]);
    git.push(&hub, &["-f", "v1"]);
    git.git(&["reset", "-q", "--hard", &one]);
    git.push(&hub, &["-f", "main"]);
    git.push(&hub, &[":v1"]);
    poke(&hub, &repository).await;
    let mails = mails(&hub).await;
    let said: Vec<String> = subjects(&mails)
        .iter()
        .map(|subject| subject.replace(|c: char| c.is_ascii_hexdigit() && c.is_ascii_digit(), ""))
        .collect();
    let seen = subjects(&mails);
    assert_eq!(seen.len(), 7, "{seen:?}");
    assert_eq!(seen[0], format!("[pypy] branch main created (now {})", &one[..7]));
    assert_eq!(seen[1], "[pypy] 01/01: One");
    assert!(seen[2].starts_with("[pypy] annotated tag v1 created (now "), "{said:?}");
    assert_eq!(seen[3], "[pypy] branch main updated: Two");
    assert!(seen[4].starts_with("[pypy] annotated tag v1 updated ("));
    assert!(mails[4].body().contains("*** WARNING: tag v1 was modified! ***"));
    assert_eq!(seen[5], format!("[pypy] branch main updated ({} -> {})", &two[..7], &one[..7]));
    assert!(mails[5].body().contains("omit") || mails[5].body().contains("discard"), "{}", mails[5].body());
    assert!(seen[6].starts_with("[pypy] annotated tag v1 deleted (was "));
}

#[tokio::test]
async fn a_push_of_too_many_commits_is_one_mail() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = registered(&hub, &git).await;
    git.commit("a", "0", "Start");
    git.git(&["push", "-q", "origin", "main"]);
    let mut stream = String::new();
    for n in 0..501 {
        stream.push_str(&format!(
            "commit refs/heads/many\ncommitter Ann <a@x.org> {} +0000\ndata 9\nCommit {:02}\n",
            1_795_000_000 + n,
            n % 100
        ));
    }
    let path = git.work().join("../stream");
    std::fs::write(&path, stream).unwrap();
    common::run(&git.work(), "sh", &["-c", "git fast-import --quiet < ../stream"]);
    git.push(&hub, &["many"]);
    poke(&hub, &repository).await;
    let mails = mails(&hub).await;
    assert_eq!(mails.len(), 1, "{:?}", subjects(&mails));
    assert!(mails[0].body().contains("501 commits are new"), "{}", mails[0].body());
    assert_eq!(mails[0].body().lines().filter(|line| line.starts_with("     new ")).count(), 100);
}

#[tokio::test]
async fn no_commit_brings_a_field_of_its_own() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let repository = registered(&hub, &git).await;
    git.git(&[
        "-c",
        "user.name=Eve\" <x@y>, Bcc: z",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Subject\rX-Evil: 1\n\nbody",
    ]);
    git.push(&hub, &["main"]);
    poke(&hub, &repository).await;
    for mail in mails(&hub).await {
        assert_eq!(mail.header("X-Evil"), "");
        assert_eq!(mail.header("Bcc"), "");
        assert_eq!(mail.message.from.address, "commits@hub.test");
    }
}

#[tokio::test]
async fn who_writes_to_the_senders_address_is_told_whom_to_write_to() {
    let hub = hub().await;
    let fate = hub
        .mail_in(testkit::mail! { from: "bob@x.org", to: "commits@hub.test", subject: "Re: Fix", body: "Why?" })
        .await;
    assert_eq!(fate, mail::Fate::Accepted);
    hub.settle().await;
    assert!(hub.outbox().await.to("bob@x.org").one().body().contains("Write to the author"));
}
