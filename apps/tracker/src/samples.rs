//! A context for every template, as a person would meet it.

use kernel::{Context, context};
use plug::Sample;
use serde_json::{Value, json};

/// The samples of the tracker.
pub fn all() -> Vec<Sample> {
    vec![
        Sample::new("tracker/issue.list.html", list(true)),
        Sample::new("tracker/issue.list.html", list(false)),
        Sample::new("tracker/issue.rows.html", context! { lines: lines(), width: 8 }),
        Sample::new(
            "tracker/issue.head.html",
            context! { columns: columns(), sort: "-activity", here: "/issues/?sort=-activity" },
        ),
        Sample::new("tracker/issue.side.html", context! { groups: groups() }),
        Sample::new("tracker/issue.fields.html", context! { fields: fields(), errors: json!({}) }),
        Sample::new("tracker/issue.thread.html", context! { thread: thread() }),
        Sample::new("tracker/issue.show.html", show(true)),
        Sample::new("tracker/issue.show.html", show(false)),
        Sample::new("tracker/issue.new.html", new()),
        Sample::new(
            "tracker/leave.show.html",
            context! {
                title: "Leave the nosy list", number: 12, issue_title: "Crash on start", url: "/issues/12", token: "12-7-x",
            },
        ),
        Sample::new("tracker/query.list.html", queries()),
        Sample::new("tracker/held.list.html", held()),
        Sample::new("tracker/settings.html", settings()),
        Sample::new("tracker/mail/message.subject.txt", message()),
        Sample::new("tracker/mail/message.body.txt", message()),
        Sample::new(
            "tracker/mail/complaint.body.txt",
            context! {
                number: 12, complaints: ["status=nosuch: status: there is no nosuch."], changed: true, link: "https://hub.example.org/issues/12",
            },
        ),
        Sample::new(
            "tracker/mail/help.body.txt",
            context! {
                address: "issues@hub.example.org", name: "issues", domain: "hub.example.org",
                properties: [json!({ "name": "status", "kind": "Link", "names": ["unread", "resolved"] })],
                link: "https://hub.example.org/issues/",
            },
        ),
    ]
}

const AT: &str = "2026-11-20T09:30:00Z";

fn person(name: &str) -> Value {
    json!({ "id": 1, "name": name, "user": name.to_lowercase(), "url": format!("/people/{}", name.to_lowercase()) })
}

fn cell(kind: &str, text: &str, more: &str) -> Value {
    json!({ "kind": kind, "text": text, "more": more, "label": kind })
}

fn line(number: u32, title: &str, state: (&str, &str), group: Option<&str>) -> Value {
    json!({
        "number": number, "url": format!("/issues/{number}"), "group": group,
        "cells": [
            cell("id", &number.to_string(), ""), cell("title", title, ""), cell("tags", "gc, parser", ""),
            cell("state", state.1, state.0), cell("text", "bug", ""), cell("person", "Ann", ""), cell("num", "4", ""),
            cell("at", AT, ""),
        ],
    })
}

fn lines() -> Vec<Value> {
    vec![
        line(12, "Crash on start when the configuration is empty", ("open", "chatting"), Some("chatting")),
        line(11, "Document the mail gateway", ("waiting", "need-eg"), Some("need-eg")),
        line(9, "Parser eats umlauts", ("done", "resolved"), None),
    ]
}

fn columns() -> Vec<Value> {
    let names = [
        ("id", "#", "num"),
        ("title", "title", ""),
        ("keyword", "keywords", ""),
        ("status", "status", ""),
        ("priority", "priority", ""),
        ("assignedto", "assigned to", ""),
        ("messages", "msgs", "num"),
        ("activity", "activity", ""),
    ];
    let column = |(name, label, tone)| json!({ "name": name, "label": label, "first": name, "tone": tone });
    names.map(column).to_vec()
}

fn groups() -> Vec<Value> {
    vec![
        json!({ "label": "status", "items": [{ "label": "unread", "url": "/issues/?status=unread", "active": false }] }),
    ]
}

fn list(has_lines: bool) -> Context {
    let head = "<th scope=\"col\" class=\"num\">#</th><th scope=\"col\">title</th>";
    let rows = "<tr data-href=\"/issues/12\"><td class=\"id num\">12</td><td class=\"title\"><a href=\"/issues/12\">Crash on start</a></td></tr>";
    context! {
        title: "Issues", path_here: "/issues/", head: head,
        rows: if has_lines { rows } else { "" },
        listing_page: json!({ "number": 1, "size": 50, "total": if has_lines { 173 } else { 0 } }),
        complaints: if has_lines { vec![] } else { vec!["status: there is no nosuch."] },
        q: "",
        views: [json!({ "label": "Open", "url": "/issues/", "active": true }), json!({ "label": "All", "url": "/issues/?state=all", "active": false })],
        filter_groups: "<div class=\"filter-group\"><h2>status</h2></div>",
        filters: [["sort", "-activity"]],
        queries: [json!({ "label": "My bugs", "url": "/issues/?priority=bug", "number": 1, "is_private": true })],
        query_string: "", may_file: true, may_save: true, may_administer: has_lines, held: 2,
        feed: "/issues.atom", csv: "/issues.csv",
    }
}

fn fields() -> Vec<Value> {
    let choice = |value: &str, label: &str| json!({ "value": value, "label": label });
    let field = |name: &str, kind: &str, value: Value, options: Vec<Value>| {
        json!({
            "name": name, "label": name, "kind": kind, "value": value, "options": options, "help": "", "multiple": false,
            "required": false, "was": "",
        })
    };
    vec![
        field("status", "select", json!("3"), vec![choice("-1", "none"), choice("3", "chatting")]),
        field("assignedto", "text", json!("ann"), vec![]),
        field("keyword", "checks", json!(["1"]), vec![choice("1", "gc"), choice("2", "parser")]),
    ]
}

fn thread() -> Vec<Value> {
    let message = json!({
        "is_message": true, "id": "msg4", "author": person("Ann"), "who": person("Ann"), "at": AT, "url": "/issues/12#msg4",
        "html": "<p>It crashes.</p>", "number": "msg4", "source": "mail",
        "files": [{ "name": "log.txt", "url": "/issues/files/1/log.txt", "size": 1200, "type": "text/plain" }],
    });
    let change = json!({
        "is_message": false, "id": "change9", "author": person("Bob"), "who": person("Bob"), "at": AT, "url": "",
        "html": "changed status from <del>unread</del> to <b>chatting</b>", "number": "", "source": "", "files": [],
    });
    vec![message, change]
}

fn show(may: bool) -> Context {
    let prop = |label: &str, text: &str| {
        json!({
            "name": label, "label": label, "text": text, "tags": [], "people": [], "issues": [],
        })
    };
    let tags = json!({
        "name": "keyword", "label": "keywords", "text": "", "tags": [{ "label": "gc", "url": "/issues/?keyword=gc" }],
        "people": [], "issues": [],
    });
    let nosy = json!({ "name": "nosy", "label": "nosy list", "text": "", "tags": [], "people": [person("Ann"), person("Bob")], "issues": [] });
    context! {
        title: "#12 Crash on start", number: 12, issue_title: "Crash on start", typed_title: "Crash on start",
        url: "/issues/12", list_url: "/issues/", tracker_title: "Issues",
        state: json!({ "kind": "open", "label": "chatting" }), creator: person("Ann"), created: AT, activity: AT,
        is_retired: !may, address: "issues+12@hub.example.org",
        props: [prop("status", "chatting"), prop("priority", ""), tags, nosy],
        fields: if may { "<div class=\"field\"><label for=\"f-status\">status</label></div>" } else { "" },
        thread: "<p>One message.</p>", loose_files: Vec::<Value>::new(),
        backlinks: [json!({ "module": "commits", "kind": "commit", "url": "/commits/hub/1a2b", "title": "Fix crash", "at": AT })],
        linking: [json!({ "label": "superseded by", "issue": { "label": "#9 Old crash", "url": "/issues/9" } })],
        message: "", format: "plain", may_comment: may, may_change: may, may_administer: may, is_stranger: !may, follows: may,
        errors: std::collections::BTreeMap::<String, String>::new(), json: "/issues/12.json",
    }
}

fn new() -> Context {
    context! {
        title: "File an issue", tracker_title: "Issues", list_url: "/issues/", address: "issues@hub.example.org",
        typed_title: "", message: "It crashes", format: "plain", fields: fields(),
        errors: std::collections::BTreeMap::from([("title", "An issue needs a title.")]),
    }
}

fn queries() -> Context {
    let line = json!({
        "query": { "label": "My bugs", "url": "/issues/?priority=bug", "number": 1, "is_private": true },
        "written": "priority=bug", "is_own": true,
    });
    context! { title: "Saved queries", tracker_title: "Issues", list_url: "/issues/", lines: [line] }
}

fn held() -> Context {
    let mail = json!({
        "id": 1, "subject": "Help", "from_name": "Joe", "from_address": "joe@far.example", "rcpt": "issues@hub.example.org",
        "excerpt": "It broke.", "at": AT,
    });
    context! { title: "Held mail", tracker_title: "Issues", list_url: "/issues/", mails: [mail] }
}

fn settings() -> Context {
    let item = json!({ "number": 1, "name": "unread", "meaning": "open", "is_retired": false });
    context! {
        title: "Settings", tracker_title: "Issues", list_url: "/issues/", address: "issues@hub.example.org",
        tracker: json!({
            "title": "Issues", "audience": "public", "may_file": "member", "may_comment": "member",
            "may_change": "developer", "strangers": "hold",
        }),
        roles: people::Role::ALL.map(people::Role::word),
        classes: [json!({ "name": "status", "is_status": true, "items": [item] }), json!({ "name": "keyword", "is_status": false, "items": [] })],
        others: [json!({ "name": "issues", "title": "Issues", "url": "/issues/issues/" })],
    }
}

fn message() -> Context {
    context! {
        author: "Ann", is_new: false, number: 12, title: "Crash on start", text: "It crashes.",
        changes: [json!({ "property": "status", "from": "unread", "to": "chatting" })],
        files: [json!({ "name": "log.txt", "url": "https://hub.example.org/issues/files/1/log.txt" })],
        link: "https://hub.example.org/issues/12#msg4", why: "Answer this mail to add to the issue. You get this because you follow it.",
        stop: "To stop following it: https://hub.example.org/issues/leave/12-7-x",
    }
}
