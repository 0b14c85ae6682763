//! A context for every template, rendered by a test.

use chrono::{DateTime, Utc};
use kernel::{Context, context};
use plug::Sample;
use serde_json::{Value, json};

/// One sample of each template.
pub fn all() -> Vec<Sample> {
    let mut samples = pages();
    samples.extend(admin());
    samples.extend(mails());
    samples
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

fn repository() -> Value {
    json!({ "name": "pypy", "url": "/commits/pypy/", "description": "A fast Python", "vcs": "git" })
}

fn who() -> Value {
    json!({ "name": "Ann", "url": "/people/ann" })
}

fn lines() -> Value {
    json!([{
        "short": "1a2b3c4d", "url": "/commits/pypy/1a2b3c4d", "subject": "Fix crash, closes #1", "author": who(), "at": at(),
        "files": 2, "added": 10, "removed": 3, "branch": "main", "repository": "pypy", "push_url": "/commits/pypy/pushes/1",
    }])
}

fn paging() -> Value {
    json!({ "number": 1, "size": 50, "total": 1 })
}

fn brief() -> Value {
    json!([{ "short": "1a2b3c4d", "url": "/commits/pypy/1a2b3c4d", "subject": "Fix crash" }])
}

fn branch() -> Value {
    json!({ "name": "main", "is_tag": false, "url": "/commits/pypy/?branch=main", "short": "1a2b3c4d",
        "commit_url": "/commits/pypy/1a2b3c4d", "at": at() })
}

fn moved() -> Value {
    json!({
        "name": "main", "kind": "branch", "change": "forced", "tone": "waiting", "old": "0a0a0a0a", "old_url": "/c/0a0a0a0a",
        "new": "1a2b3c4d", "new_url": "/c/1a2b3c4d", "fresh": 1, "lines": lines(), "gone": brief(), "gone_total": 1,
        "omitted": brief(), "omitted_total": 3, "added": brief(), "added_total": 120,
    })
}

fn commit() -> Value {
    json!({
        "id": "1a2b3c4d".repeat(5), "short": "1a2b3c4d", "subject": "Fix crash, closes #1", "message": "<p>It was late.</p>",
        "author": who(), "written": "2026-11-20 12:00 +0200", "at": at(), "committer": "Bob", "committed_at": at(),
        "parents": [{ "short": "0a0a0a0a", "url": "/commits/pypy/0a0a0a0a" }], "branch": "main",
        "branch_url": "/commits/pypy/?branch=main", "push_url": "/commits/pypy/pushes/1", "elsewhere": "https://forge.example.org/1",
        "patch": "/commits/pypy/1a2b3c4d.patch", "mentions": [{ "label": "closes #1", "url": "/issues/1" }],
    })
}

fn diff() -> crate::diff::Shown {
    let text = b"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@ def f():\n same\n-    return a + 1\n+    return b + 1\n";
    crate::diff::show(crate::diff::parse(text))
}

fn pages() -> Vec<Sample> {
    let backlinks = json!([{ "module": "tracker", "kind": "issue", "url": "/issues/1", "title": "crash", "at": at() }]);
    let push = json!([{ "id": 1, "url": "/commits/pypy/pushes/1", "pusher": who(), "at": at(), "total": 2, "what": ["main updated"], "subject": "Fix crash, closes #1" }]);
    let people = json!([{ "who": who(), "commits": 12, "last": at() }]);
    let listed = json!([{ "name": "pypy", "url": "/commits/pypy/", "description": "A fast Python", "vcs": "git", "pushed_at": at() }]);
    vec![
        Sample::new("commits/index.html", context! { repositories: listed, lines: lines(), page: paging() }),
        Sample::new(
            "commits/repository.show.html",
            context! {
                repository: repository(), lines: lines(), branches: [branch()], page: paging(), branch: "main",
            },
        ),
        Sample::new("commits/branches.html", context! { repository: repository(), branches: [branch()] }),
        Sample::new("commits/people.html", context! { repository: repository(), contributors: people }),
        Sample::new("commits/pushes.html", context! { repository: repository(), pushes: push, page: paging() }),
        Sample::new(
            "commits/push.show.html",
            context! {
                repository: repository(), id: 1, pusher: who(), at: at(), source: "github", total: 3, described: 1, refs: [moved()],
                page: paging(),
            },
        ),
        Sample::new(
            "commits/commit.show.html",
            context! {
                repository: repository(), commit: commit(), diff: diff(), backlinks, plain: "/commits/pypy/1a2b3c4d.patch",
            },
        ),
        Sample::new(
            "commits/short.choose.html",
            context! {
                word: "r12", choices: json!([{ "repository": "pypy", "short": "r12", "url": "/commits/pypy/r12" }]),
            },
        ),
    ]
}

fn form() -> Value {
    json!({ "name": "pypy", "vcs": "git", "path": "/srv/git/pypy.git", "description": "A fast Python", "list_address": "",
        "channel": "#pypy", "tracker": "", "closes_on": "main", "audience": "public" })
}

fn admin() -> Vec<Sample> {
    let listed = json!([{ "name": "pypy", "vcs": "git", "path": "/srv/git/pypy.git", "list_address": "", "pushed_at": null,
        "url": "/admin/commits/pypy" }]);
    let aside = json!([{ "key": "1", "repository": "/srv/git/other.git", "reason": "It is not registered." }]);
    let errors = json!({ "path": "There is nothing." });
    let both = |mut context: Context| {
        context.insert("errors", &errors);
        context
    };
    vec![
        Sample::new("commits/admin.list.html", both(context! { repositories: listed, aside, form: form() })),
        Sample::new(
            "commits/admin.edit.html",
            both(context! {
                name: "pypy", action: "/admin/commits/pypy", form: form(), token: "secret", script: "#!/bin/sh\n",
                webhook: "https://hub.example.org/hooks/pypy",
            }),
        ),
    ]
}

fn mails() -> Vec<Sample> {
    let line = json!([{ "verb": "     new", "short": "1a2b3c4d", "subject": "Fix crash" }]);
    vec![
        Sample::new(
            "commits/mail/commit.body.txt",
            context! {
                pusher: "Ann", branch: "branch main", repository: "pypy", id: "1a2b3c4d", author: "Ann <ann@example.org>",
                written: "Fri 2026-11-20 12:00:00 +0200", committer: "", message: "    Fix crash\n", diff: "--- a\n+++ b\n",
                link: "https://hub.example.org/commits/pypy/1a2b3c4d", why: "You get this because the commits of pypy are mailed to commits@hub.example.org.", stop: "",
            },
        ),
        Sample::new(
            "commits/mail/push.body.txt",
            context! {
                said: "Ann pushed to branch main of pypy.", lines: line, notes: ["Each has a mail."],
                link: "https://hub.example.org/commits/pypy/pushes/1", why: "You get this because the commits of pypy are mailed to commits@hub.example.org.", stop: "",
            },
        ),
    ]
}
