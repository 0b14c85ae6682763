//! A context for each template, rendered by a test and looked at in a browser.

use kernel::context;
use plug::Sample;
use serde_json::{Value, json};

/// All of them.
pub fn samples() -> Vec<Sample> {
    let mut samples = reading();
    samples.extend(asking());
    samples.extend(deciding());
    samples.extend(letters());
    samples
}

fn list() -> Value {
    json!({
        "name": "dev", "title": "Development", "description": "Talk about the code.", "address": "dev@hub.example.org",
        "link": "https://hub.example.org/lists/dev/", "url": "/lists/dev/", "audience": "public", "is_announce": false,
        "needs_approval": true, "post_count": 1234, "last_post_at": "2026-11-21T10:00:00Z", "is_member": true,
        "may_moderate": true, "may_administer": true, "may_write": true, "sees_roster": true, "waiting": 2,
        "feed": "/lists/dev/new.atom", "members": 57,
    })
}

fn who() -> Value {
    json!({ "name": "Ann Example", "url": "/people/ann" })
}

fn tree() -> Value {
    let branch = |n: i64, subject: &str, is_new: bool| {
        json!({
            "id": format!("m{n}"), "url": format!("/lists/dev/{n}@x.org/"), "subject": subject, "is_new_subject": is_new,
            "author": who(), "at": "2026-11-20T10:00:00Z", "depth": n - 1, "files": n - 1, "is_here": n == 2,
        })
    };
    json!([branch(1, "Crash on start", true), branch(2, "Re: Crash on start", false), branch(3, "Parser", true)])
}

fn message() -> Value {
    json!({
        "id": "m2", "author": who(), "at": "2026-11-20T10:00:00Z", "url": "/lists/dev/2@x.org/", "source": "mail",
        "html": markup::message_html("Me too.\n\nBob wrote:\n> It crashes.\n", markup::Format::Plain, &markup::Viewer::default()),
        "files": [{ "name": "fix.diff", "url": "/lists/dev/2@x.org/file/0/fix.diff", "size": 1234, "type": "text/x-diff" }],
        "depth": 1, "subject": "Re: Crash on start", "new_subject": "", "reply_url": "#reply", "raw_url": "/lists/dev/2@x.org/raw",
    })
}

fn steps() -> Value {
    json!([
        { "rule": "loop", "hit": false, "found": "It has not been on this list." },
        { "rule": "nonmember moderation", "hit": true, "found": "Its author is not a member, so a moderator decides." },
    ])
}

fn page(items: Value) -> Value {
    json!({ "items": items, "number": 1, "size": 50, "total": 120 })
}

fn months() -> Value {
    json!([
        { "label": "2026-11", "url": "/lists/dev/month/2026-11/", "count": 88, "active": true },
        { "label": "2026-10", "url": "/lists/dev/month/2026-10/", "count": 120, "active": false },
    ])
}

fn reading() -> Vec<Sample> {
    let thread = json!({
        "url": "/lists/dev/1@x.org/t/", "subject": "Crash on start", "who": who(), "last_who": who(), "replies": 4,
        "last_at": "2026-11-21T10:00:00Z",
    });
    let found = json!({
        "url": "/lists/dev/1@x.org/", "title": "Crash on start", "at": "2026-11-21T10:00:00Z", "who": "Ann Example",
        "parts": [{ "text": "It ", "hit": false }, { "text": "crashes", "hit": true }, { "text": " on start.", "hit": false }],
    });
    let mention = json!({ "url": "/issues/12", "title": "Crash", "kind": "issue", "at": "2026-11-20T10:00:00Z" });
    let none = None::<String>;
    vec![
        Sample::new("lists/list.index.html", context! { title: "Lists", rows: [list()] }),
        Sample::new(
            "lists/list.show.html",
            context! {
                title: "Development", list: list(), threads: page(json!([thread])), months: months(), feed: "/lists/dev/new.atom", q: "",
            },
        ),
        Sample::new(
            "lists/list.search.html",
            context! { title: "Search", list: list(), found: page(json!([found])), q: "crash" },
        ),
        Sample::new(
            "lists/month.show.html",
            context! {
                title: "Development 2026-11", list: list(), month: "2026-11", tree: tree(), paging: page(json!([])), months: months(),
                later: none, earlier: "/lists/dev/month/2026-10/", mbox: "/lists/dev/month/2026-11/mbox.gz",
            },
        ),
        Sample::new(
            "lists/thread.show.html",
            context! {
                title: "Crash on start", list: list(), messages: [message()], feed: "/lists/dev/1@x.org/t.atom",
                mbox: "/lists/dev/1@x.org/t.mbox.gz", reply: "/lists/dev/2@x.org/reply", live: "thread:7", writers: 2, is_cut: false, count: 5,
                started_at: "2026-11-20T10:00:00Z", last_at: "2026-11-21T10:00:00Z", body: "",
            },
        ),
        Sample::new(
            "lists/post.show.html",
            context! {
                title: "Re: Crash on start", list: list(), message: message(), tree: tree(), previous: "/lists/dev/1@x.org/",
                next: none, mentions: [mention], steps: steps(), copies: ["/lists/dev/2@x.org/?copy=1"], message_id: "2@x.org",
                hash: "", size: 4321, plain: "/raw", raw: "/raw", html: "/html", reply: "/reply", body: "", thread: "/t/", mbox: "/t.mbox.gz",
            },
        ),
        Sample::new(
            "lists/post.html.html",
            context! {
                title: "Crash on start", list: list(), html: markup::sanitize::html("<p>Rich <b>text</b></p>"), back: "/lists/dev/2@x.org/",
            },
        ),
    ]
}

fn asking() -> Vec<Sample> {
    let styles: Vec<Value> =
        crate::list::STYLES.iter().map(|(word, help)| json!({ "value": word, "label": word, "help": help })).collect();
    let membership = json!({
        "id": 1, "address": "ann@example.org", "delivery": "bounces", "own_posts": true, "no_duplicates": false,
        "is_hidden": false, "joined_at": "2026-01-01T00:00:00Z", "score": 5,
        "bounces": [{ "at": "2026-11-20T00:00:00Z", "status": "5.1.1", "reason": "550 no such user" }],
    });
    let form = json!({ "address": "dev", "title": "Development", "style": "discussion" });
    vec![
        Sample::new("lists/list.new.html", context! { title: "New list", form, styles, domain: "hub.example.org" }),
        Sample::new(
            "lists/list.write.html",
            context! { title: "Write to Development", list: list(), subject: "", body: "" },
        ),
        Sample::new(
            "lists/list.join.html",
            context! {
                title: "Join Development", list: list(), addresses: Vec::<String>::new(), address: "", name: "",
            },
        ),
        Sample::new(
            "lists/membership.show.html",
            context! { title: "Your membership", list: list(), rows: [membership] },
        ),
        Sample::new(
            "lists/confirm.show.html",
            context! {
                title: "Confirm", list: list(), kind: "join", address: "ann@example.org", secret: "0123",
            },
        ),
        Sample::new(
            "lists/unsubscribe.show.html",
            context! {
                title: "Unsubscribe", list_title: "Development", address: "ann@example.org", done: false,
            },
        ),
    ]
}

fn held() -> Value {
    json!({
        "id": 3, "author": "Ann", "address": "ann@example.org", "subject": "Question", "message_id": "1@x.org", "size": 2345,
        "excerpt": "How do I build it?", "rule": "nonmember moderation", "received_at": "2026-11-21T10:00:00Z",
        "reason": "Its author is not a member, so a moderator decides.",
    })
}

fn deciding() -> Vec<Sample> {
    let member = |address: &str, delivery: &str| {
        json!({
            "address": address, "name": "Ann", "delivery": delivery, "moderation": "", "is_hidden": false, "score": 1,
            "joined_at": "2026-01-01T00:00:00Z",
        })
    };
    let waiting = json!({
        "id": 3, "url": "/lists/dev/queue/3", "subject": "Question", "author": "Ann", "address": "ann@example.org",
        "reason": "Its author is not a member, so a moderator decides.", "rule": "", "at": "2026-11-21T10:00:00Z", "size": 1,
    });
    let joining = json!({ "id": 4, "address": "bob@example.org", "name": "Bob", "at": "2026-11-21T09:00:00Z" });
    let form = json!({
        "title": "Development", "description": "Talk about the code.", "audience": "public", "roster": "members",
        "is_listed": "1", "is_announce": null, "needs_approval": null, "is_emergency": null, "is_personal": "1", "member_action": "accept",
        "nonmember_action": "hold", "subject_prefix": "", "max_size": "1000", "max_rcpts": "25", "bounce_threshold": "5",
        "bounce_stale_days": "7",
    });
    vec![
        Sample::new(
            "lists/list.members.html",
            context! {
                title: "Members of Development", list: list(), bans: ["@spam.example"], q: "", addresses: "",
                members: page(json!([member("ann@example.org", "on"), member("bob@example.org", "bounces")])),
            },
        ),
        Sample::new(
            "lists/list.queue.html",
            context! {
                title: "Waiting on Development", list: list(), posts: [waiting], joining: [joining],
            },
        ),
        Sample::new(
            "lists/held.show.html",
            context! {
                title: "Question", list: list(), held: held(), html: "<p>How do I build it?</p>", steps: steps(),
                files: [json!({ "name": "a.txt", "type": "text/plain", "size": 12 })], defects: ["It has no Date that can be read."],
                to: "dev@hub.example.org", cc: "", raw: "/lists/dev/queue/3/raw",
            },
        ),
        Sample::new(
            "lists/list.settings.html",
            context! {
                title: "Settings of Development", list: list(), form, staff: [json!({ "name": "mia", "role": "moderator" })],
                actions: ["accept", "hold", "reject", "discard"], person: "",
            },
        ),
    ]
}

fn letters() -> Vec<Sample> {
    let context = |letter: &str| {
        let reason = match letter.contains("rejected") {
            true => "Questions about its use are better asked on users@hub.example.org.",
            false => "550 no such user",
        };
        context! {
            list: list(), address: "ann@example.org", name: "Ann", link: "https://hub.example.org/lists/confirm/0123",
            secret: "0123", stop: "https://hub.example.org/lists/unsubscribe/0123", held: held(), reason,
            count: 2, unknown: ["please add me"],
        }
    };
    const LETTERS: [(&str, &str); 15] = [
        ("lists/mail/confirm-join.subject.txt", "lists/mail/confirm-join.body.txt"),
        ("lists/mail/confirm-leave.subject.txt", "lists/mail/confirm-leave.body.txt"),
        ("lists/mail/already.subject.txt", "lists/mail/already.body.txt"),
        ("lists/mail/welcome.subject.txt", "lists/mail/welcome.body.txt"),
        ("lists/mail/goodbye.subject.txt", "lists/mail/goodbye.body.txt"),
        ("lists/mail/not-joined.subject.txt", "lists/mail/not-joined.body.txt"),
        ("lists/mail/wants-to-join.subject.txt", "lists/mail/wants-to-join.body.txt"),
        ("lists/mail/held.subject.txt", "lists/mail/held.body.txt"),
        ("lists/mail/held-author.subject.txt", "lists/mail/held-author.body.txt"),
        ("lists/mail/rejected.subject.txt", "lists/mail/rejected.body.txt"),
        ("lists/mail/which.subject.txt", "lists/mail/which.body.txt"),
        ("lists/mail/bounced.subject.txt", "lists/mail/bounced.body.txt"),
        ("lists/mail/bounced-owner.subject.txt", "lists/mail/bounced-owner.body.txt"),
        ("lists/mail/reminder.subject.txt", "lists/mail/reminder.body.txt"),
        ("lists/mail/help.subject.txt", "lists/mail/help.body.txt"),
    ];
    LETTERS
        .iter()
        .flat_map(|(subject, body)| [Sample::new(subject, context(subject)), Sample::new(body, context(body))])
        .collect()
}
