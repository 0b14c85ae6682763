//! Sixty shapes of pushes to one repository, one after another: what each is told as, and that no commit is told twice or
//! not at all. With `GUILDHALL_MULTIMAIL` naming a `git_multimail.py`, its mails about the same pushes are compared too.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use commits::repository::{Repository, Settings};
use common::{Git, hub, poke, register, run};
use guildhall_commits as commits;
use journal::Event;
use testkit::TestHub;

/// What is done in the clone, what is pushed, and what the hub tells of it: `ref change new-commits`.
const SHAPES: [(&str, &str, &str, &[&str]); 60] = [
    ("root commit", "c One", "main", &["main created 1"]),
    ("fast forward", "c Two", "main", &["main updated 1"]),
    ("two commits", "c Three; c Four", "main", &["main updated 2"]),
    ("empty commit", "git commit -q --allow-empty -m Empty", "main", &["main updated 1"]),
    ("new branch without commits", "git branch twin", "twin", &["twin created 0"]),
    ("new branch with a commit", "git checkout -q -b topic; c Topic", "topic", &["topic created 1"]),
    ("two commits on a branch", "c Topic2; c Topic3", "topic", &["topic updated 2"]),
    (
        "fast forward to known commits",
        "git checkout -q main; git merge -q --ff-only topic",
        "main",
        &["main updated 0"],
    ),
    ("known and new commits", "git checkout -q twin; c Twin; git checkout -q main", "twin", &["twin updated 1"]),
    ("merge", "git merge -q --no-ff -m Merge twin", "main", &["main updated 1"]),
    (
        "merge with new commits",
        "git checkout -q -b side; c Side; git checkout -q main; c Main; git merge -q --no-ff -m Merge2 side",
        "main",
        &["main updated 3"],
    ),
    ("branch that a merge brought", "true", "side", &["side created 0"]),
    (
        "octopus",
        "git checkout -q -b o1; c O1; git checkout -q -b o2 main; c O2; git checkout -q main; git merge -q -m Octopus o1 o2",
        "main",
        &["main updated 3"],
    ),
    ("rewind by one", "git branch keep; git reset -q --hard HEAD~1", "-f main", &["main forced 0"]),
    ("forward again", "git merge -q --ff-only keep", "main", &["main updated 0"]),
    (
        "rewrite of the last commit",
        "c Draft; git push -q origin main; git commit -q --amend -m Final",
        "-f main",
        &["main forced 1"],
    ),
    ("light tag", "git tag light", "light", &["light created 0"]),
    ("annotated tag", "git tag -a -m Version v1", "v1", &["v1 created 0"]),
    (
        "tag with a new commit",
        "git checkout -q --detach; c Tagged; git tag t2; git checkout -q main",
        "t2",
        &["t2 created 1"],
    ),
    (
        "annotated tag with new commits",
        "git checkout -q --detach; c A1; c A2; git tag -a -m V3 v3; git checkout -q main",
        "v3",
        &["v3 created 2"],
    ),
    ("tag moved", "git tag -f light HEAD~1", "-f light", &["light forced 0"]),
    ("annotated tag moved", "c Later; git push -q origin main; git tag -f -a -m Again v1", "-f v1", &["v1 updated 0"]),
    ("tag of a tag", "git tag -a -m Nested nested v1", "nested", &["nested created 0"]),
    ("tag deleted", "true", ":light", &["light deleted 0"]),
    ("annotated tag deleted", "true", ":nested", &["nested deleted 0"]),
    ("branch deleted, commits elsewhere", "true", ":topic", &["topic deleted 0"]),
    (
        "branch with its own commit",
        "git checkout -q -b alone; c Alone; git checkout -q main",
        "alone",
        &["alone created 1"],
    ),
    ("branch deleted, commit gone", "true", ":alone", &["alone deleted 0"]),
    ("two branches, one commit", "c Shared; git branch shared", "main shared", &["main updated 1", "shared created 0"]),
    (
        "two branches, a commit each",
        "git checkout -q shared; c S1; git checkout -q main; c M1",
        "main shared",
        &["main updated 1", "shared updated 1"],
    ),
    (
        "two branches on one line",
        "git checkout -q -b line1; c L1; git checkout -q -b line2; c L2; git checkout -q main",
        "line1 line2",
        &["line1 created 1", "line2 created 1"],
    ),
    ("branch and tag", "c Release; git tag -a -m R r1", "main r1", &["main updated 1", "r1 created 0"]),
    ("branch moved and another deleted", "c Move", "main :line1", &["line1 deleted 0", "main updated 1"]),
    ("rename", "git mv f-One renamed; git commit -q -m Rename", "main", &["main updated 1"]),
    ("copy", "cp renamed copied; git add -A; git commit -q -m Copy", "main", &["main updated 1"]),
    ("deletion", "git rm -q copied; git commit -q -m Delete", "main", &["main updated 1"]),
    ("mode", "chmod +x renamed; git commit -q -a -m Mode", "main", &["main updated 1"]),
    ("symbolic link", "ln -s renamed link; git add -A; git commit -q -m Link", "main", &["main updated 1"]),
    ("binary", "printf '\\000\\001\\377' > bin; git add -A; git commit -q -m Binary", "main", &["main updated 1"]),
    (
        "binary changed",
        "printf '\\000\\002\\377' > bin; git add -A; git commit -q -m Binary2",
        "main",
        &["main updated 1"],
    ),
    (
        "file without a last line end",
        "printf 'a' > bare; git add -A; git commit -q -m Bare",
        "main",
        &["main updated 1"],
    ),
    (
        "line ends of Windows",
        "printf 'a\\r\\nb\\r\\n' > crlf; git add -A; git commit -q -m Crlf",
        "main",
        &["main updated 1"],
    ),
    (
        "path with blanks and quotes",
        "echo 1 > 'a \"b\" é'; git add -A; git commit -q -m Odd",
        "main",
        &["main updated 1"],
    ),
    (
        "bytes that are not UTF-8",
        "printf 'caf\\351\\n' > latin; git add -A; git commit -q -m Latin",
        "main",
        &["main updated 1"],
    ),
    (
        "message in Latin-1",
        "printf 'Caf\\351' > ../m; git -c i18n.commitEncoding=ISO-8859-1 commit -q --allow-empty -F ../m",
        "main",
        &["main updated 1"],
    ),
    (
        "author with an accent",
        "git commit -q --allow-empty -m Author --author='Ünal Ö <u@example.org>'",
        "main",
        &["main updated 1"],
    ),
    (
        "author that is not the committer",
        "git commit -q --allow-empty -m Other --author='Bob <bob@example.org>'",
        "main",
        &["main updated 1"],
    ),
    ("long subject", "git commit -q --allow-empty -m \"$(printf 'x%.0s' $(seq 300))\"", "main", &["main updated 1"]),
    (
        "message of many lines",
        "git commit -q --allow-empty -m 'Subject' -m 'Body' -m 'fixes #1'",
        "main",
        &["main updated 1"],
    ),
    (
        "subject of two lines",
        "printf 'First\\nsecond\\n\\nbody\\n' > ../m; git commit -q --allow-empty -F ../m",
        "main",
        &["main updated 1"],
    ),
    (
        "submodule",
        "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; git commit -q -m Submodule",
        "main",
        &["main updated 1"],
    ),
    (
        "branch with a slash",
        "git checkout -q -b feature/x; c Feature; git checkout -q main",
        "feature/x",
        &["feature/x created 1"],
    ),
    ("cherry pick", "c Before; git cherry-pick feature/x >/dev/null", "main", &["main updated 2"]),
    ("revert", "git revert --no-edit HEAD >/dev/null", "main", &["main updated 1"]),
    (
        "rebase",
        "git checkout -q feature/x; git rebase -q main; c Rebased; git checkout -q main",
        "-f feature/x",
        &["feature/x forced 1"],
    ),
    (
        "unrelated history",
        "git checkout -q --orphan island; git rm -rfq .; c Island; git checkout -q main",
        "island",
        &["island created 1"],
    ),
    (
        "merge of unrelated history",
        "git merge -q --allow-unrelated-histories -m Join island",
        "main",
        &["main updated 1"],
    ),
    ("branch replaced by another history", "git branch -f island main~3", "-f island", &["island forced 0"]),
    ("large file", "seq 20000 > large; git add -A; git commit -q -m Large", "main", &["main updated 1"]),
    (
        "branch back to the same place",
        "git push -q origin main:again; git push -q origin :again",
        "main:again",
        &["again created 0"],
    ),
];

/// `c NAME` writes a file of that name and commits it.
const PRELUDE: &str = "set -e; c() { echo \"$1\" > \"f-$1\"; git add -A; git commit -q -m \"$1\"; }; ";

#[tokio::test]
async fn sixty_shapes_are_told_as_they_are_and_no_commit_twice() {
    let hub = hub().await;
    let git = Git::new("pypy");
    let settings = Settings { list_address: "dev@lists.example.org".into(), ..git.settings() };
    let repository = register(&hub, settings).await;
    let multimail = std::env::var_os("GUILDHALL_MULTIMAIL").map(PathBuf::from);
    let inputs = watch(&git, multimail.as_deref());
    let mut told: BTreeMap<String, &str> = BTreeMap::new();
    let (mut events, mut mails, mut differing) = (0, 0, Vec::new());
    for (name, script, push, wanted) in &SHAPES {
        run(&git.work(), "sh", &["-c", &format!("{PRELUDE}{script}")]);
        run(&git.work(), "sh", &["-c", &format!("git push -q origin {push}")]);
        tell(&hub, &git, &inputs);
        poke(&hub, &repository).await;
        let new =
            journal::query::after(&hub.hub.store.read(), events, &["CommitsPushed"], 100).await.expect("the journal");
        let (seen, ids) = read(new.iter().map(|entry| &entry.event));
        // What the script itself pushed comes before.
        let mut last = seen[seen.len().saturating_sub(wanted.len())..].to_vec();
        last.sort();
        assert_eq!(last, *wanted, "{name}: {seen:?}");
        for id in ids {
            assert_eq!(told.insert(id.clone(), *name), None, "{name}: {id} was told before");
        }
        events = new.last().map_or(events, |entry| entry.id);
        let out = hub.outbox().await.0;
        if multimail.is_some() {
            let differs = compare(name, &out[mails..], &inputs);
            // Commits that were gone and come back are not described a second time here.
            differing.extend(differs.into_iter().filter(|_| *name != "forward again"));
        }
        mails = out.len();
    }
    let heads = commits::query::heads(&hub.hub.store.read(), repository.id).await.expect("the branches");
    let refs = run(&git.bare(), "git", &["for-each-ref", "--format=%(refname) %(objectname)"]);
    let known: Vec<String> = heads.iter().map(|(name, id)| format!("{name} {id}")).collect();
    assert_eq!(known, refs.lines().collect::<Vec<_>>());
    let all = run(&git.bare(), "git", &["rev-list", "--all"]);
    let missing: Vec<&str> = all.lines().filter(|id| !told.contains_key(*id)).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    every_page_opens(&hub, &repository, told.keys()).await;
}

async fn every_page_opens(hub: &TestHub, repository: &Repository, ids: impl Iterator<Item = &String>) {
    for id in ids {
        hub.stranger().get(&format!("/commits/{}/{id}", repository.name)).await.expect(200);
    }
}

/// A hook that keeps each input in a folder of its own, beside what git-multimail would mail.
fn watch(git: &Git, multimail: Option<&std::path::Path>) -> PathBuf {
    let folder = git.bare().join("inputs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut hook = format!(
        "#!/bin/sh\nn=$(ls '{0}' | grep -c input)\nf='{0}'/$(printf %04d $n)\ncat > $f.input\n",
        folder.display()
    );
    if let Some(multimail) = multimail {
        run(&git.bare(), "git", &["config", "multimailhook.mailingList", "dev@lists.example.org"]);
        run(&git.bare(), "git", &["config", "multimailhook.emailPrefix", "[pypy]"]);
        hook.push_str(&format!(
            "python3 '{}' --stdout < $f.input > $f.mails 2> $f.errors || true\n",
            multimail.display()
        ));
    }
    std::fs::write(git.bare().join("hooks/post-receive"), hook).expect("a hook");
    folder
}

/// Keeps a record of each input that the hook has left.
fn tell(hub: &TestHub, git: &Git, inputs: &std::path::Path) {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(inputs).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|word| word == "input")) {
        let done = path.with_extension("told");
        if !done.exists() {
            let input = std::fs::read(path).expect("an input");
            commits::hook::spool(hub.hub.store.data(), &git.name, "git", &[], input).expect("a record");
            std::fs::write(done, "").expect("a mark");
        }
    }
}

/// `ref change new-commits` of each event, and the commits.
fn read<'a>(events: impl Iterator<Item = &'a Event>) -> (Vec<String>, Vec<String>) {
    let (mut seen, mut ids) = (Vec::new(), Vec::new());
    for event in events {
        let Event::CommitsPushed { refname, change, total, commits, .. } = event else { panic!("{event:?}") };
        seen.push(format!("{} {change} {total}", commits::url::short_ref(refname)));
        ids.extend(commits.iter().map(|commit| commit.id.clone()));
    }
    (seen, ids)
}

/// Where git-multimail's mails about the newest pushes differ from ours, in subjects, fields and threads.
fn compare(name: &str, ours: &[testkit::Sent], inputs: &std::path::Path) -> Vec<String> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(inputs).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut theirs = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|word| word == "mails")) {
        let seen = path.with_extension("compared");
        if !seen.exists() {
            let text = std::fs::read(path).expect("mails");
            theirs.extend(split(&text).iter().map(|raw| facts(&mail::Message::parse(raw))));
            std::fs::write(seen, "").expect("a mark");
        }
    }
    let ours: Vec<String> = ours.iter().map(|sent| facts(&sent.message)).collect();
    if ours == theirs {
        vec![]
    } else {
        vec![format!("{name}:\n  ours   {}\n  theirs {}", ours.join("\n         "), theirs.join("\n         "))]
    }
}

/// The mails that `--stdout` writes between lines of `=`.
fn split(text: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    let rule = "=".repeat(75);
    text.split(&rule)
        .filter(|mail| mail.contains("Subject:"))
        .map(|mail| mail.trim_start().as_bytes().to_vec())
        .collect()
}

fn facts(mail: &mail::Message) -> String {
    let fields =
        ["X-Git-Refname", "X-Git-Reftype", "X-Git-Oldrev", "X-Git-Newrev", "X-Git-Rev", "X-Git-NotificationType"];
    let fields: Vec<&str> = fields.iter().map(|name| mail.header(name).unwrap_or("-")).collect();
    format!(
        "{} | {} | {}",
        mail.subject,
        fields.join(" "),
        if mail.in_reply_to.is_empty() { "first" } else { "answer" }
    )
}
