//! Says what pages of 50 rows cost in templates, in the shell that every page has: see `ops/bench/templates/run`.

use guildhall_kernel::{Templates, Theme};
use serde_json::{Value, json};
use store::Clock;

const ROWS: usize = 50;
const RENDERS: u32 = 400;
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let templates = Templates::load(Theme::load(None)?, Clock::by_hand("2026-11-21T12:00:00Z".parse()?))?;
    println!("{:<28} {:>10} {:>10} {:>10}", "page of 50 rows", "ms", "slowest", "bytes");
    for (template, own) in pages() {
        let mut page = shell();
        if let (Some(page), Value::Object(own)) = (page.as_object_mut(), own) {
            page.extend(own);
        }
        let context = tera::Context::from_serialize(&page)?;
        let html = templates.render(template, &context)?;
        let mut rounds = vec![];
        for _ in 0..ROUNDS {
            let begin = on_core()?;
            for _ in 0..RENDERS {
                std::hint::black_box(templates.render(template, &context)?);
            }
            rounds.push((on_core()? - begin) / 1e6 / f64::from(RENDERS));
        }
        rounds.sort_by(f64::total_cmp);
        println!("{template:<28} {:>10.3} {:>10.3} {:>10}", rounds[ROUNDS / 2], rounds[ROUNDS - 1], html.len());
    }
    Ok(())
}

/// Nanoseconds that this thread has had a core, as Linux counts them (proc_pid_schedstat).
fn on_core() -> Result<f64, Box<dyn std::error::Error>> {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(said.split_whitespace().next().unwrap_or_default().parse()?)
}

fn rows(row: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..ROWS).map(row).collect()
}

/// A row of the list of issues, as it is rendered when it is not known from a moment ago.
fn issue(n: usize) -> Value {
    let cell = |kind: &str, text: &str| json!({ "kind": kind, "text": text, "more": "open", "label": kind });
    json!({
        "number": n, "url": format!("/issues/{n}"), "group": null,
        "cells": [
            cell("id", &n.to_string()), cell("title", "Iterator over a mutated dictionary raises the wrong error"), cell("tags", "gc, parser"),
            cell("state", "chatting"), cell("text", "bug"), cell("person", "Ann Example"), cell("num", "4"),
            cell("at", "2026-11-20T09:30:00Z"),
        ],
    })
}

/// The page around the rows, which it is given as they were rendered.
const COLUMNS: [&str; 8] = ["id", "title", "keyword", "status", "priority", "assignedto", "messages", "activity"];

fn issue_list(page: &Value) -> Value {
    json!({
        "path_here": "/issues/", "here": "/issues/?sort=-activity", "title": "Issues", "held": 2, "may_administer": true, "may_file": true,
        "queries": [item("mine")], "filter_groups": "<div></div>",
        "may_save": true, "query_string": "sort=-activity", "csv": "/issues.csv", "views": [item("open"), item("all")], "q": "", "filters": [],
        "complaints": [], "head": "<th></th>", "rows": "<tr></tr>", "listing_page": page,
    })
}

fn item(label: &str) -> Value {
    json!({ "label": label, "url": format!("/issues/?{label}"), "active": false, "count": 12 })
}

fn column(name: &str) -> Value {
    json!({ "name": name, "label": name, "first": format!("-{name}"), "tone": "" })
}

fn pages() -> Vec<(&'static str, Value)> {
    let at = "2026-11-20T09:30:00Z";
    let line = |n| {
        json!({ "id": n, "at": at, "who": "Ann Example", "who_url": "/people/ann",
            "text": "answered and set to open #397 Ed25519 signatures are computed over the wrong hash", "url": "/issues/397" })
    };
    let commit = |n: usize| {
        json!({ "url": format!("/commits/hall/{n:040}"), "short": format!("{n:08}"), "subject": "parser: Keep the last line of a part that lacks its line break",
            "branch": "main", "repository": "hall", "author": { "name": "Ann Example", "url": "/people/ann" }, "added": 12, "removed": 3, "at": at })
    };
    let person = |n| json!({ "url": format!("/people/p{n}"), "display_name": "Ann of the Mill", "name": format!("p{n}"), "joined": at, "seen": at });
    let page = json!({ "number": 2, "size": ROWS, "total": 400 });
    vec![
        ("tracker/issue.rows.html", json!({ "lines": rows(issue), "width": 8 })),
        (
            "tracker/issue.head.html",
            json!({ "columns": COLUMNS.map(column), "sort": "-activity", "here": "/issues/?sort=-activity" }),
        ),
        (
            "tracker/issue.side.html",
            json!({ "groups": [{ "label": "Status", "items": rows(|n| item(&format!("status{n}")))[..8] }] }),
        ),
        ("tracker/issue.list.html", issue_list(&page)),
        (
            "hub/activity.html",
            json!({ "activity": rows(line), "modules": ["tracker", "lists"], "module": null, "before": 1, "older": 3, "live_head": 9 }),
        ),
        ("commits/index.html", json!({ "lines": rows(commit), "repositories": [], "page": page })),
        (
            "accounts/person.list.html",
            json!({ "q": "", "page": { "items": rows(person), "number": 2, "size": ROWS, "total": 400 } }),
        ),
    ]
}

/// What the shell of pages gives to every template.
fn shell() -> Value {
    let entry = |label: &str, url: &str| json!({ "label": label, "url": url, "active": false });
    json!({
        "site": { "name": "Hall", "tagline": "A project.", "url": "https://hub.example.org", "timezone": "UTC", "version": "0.1.0" },
        "menu": [entry("Issues", "/issues/"), entry("Lists", "/lists/"), entry("Commits", "/commits/"), entry("Chat", "/chat/"),
            entry("Docs", "/docs/"), entry("People", "/people/"), entry("Activity", "/activity")],
        "admin_menu": [entry("Overview", "/admin"), entry("Mail", "/admin/mail"), entry("Jobs", "/admin/jobs")],
        "me": { "name": "ann", "display_name": "Ann Example", "url": "/people/ann", "is_admin": true },
        "csrf": "t0k3n", "path": "/activity", "here": "/activity?before=1", "now": "2026-11-21T12:00:00Z",
        "flash": null, "my_menu": [entry("Settings", "/me")], "feed": "/activity.atom", "plain": null, "title": "A page",
    })
}
