//! A context for every template of the sites.

use kernel::context;
use plug::Sample;
use serde_json::json;

/// The samples that a test renders.
pub fn all() -> Vec<Sample> {
    let nav = json!([
        { "title": "Start", "url": "/docs/", "path": "", "depth": 0, "active": true },
        { "title": "Administration", "url": null, "path": null, "depth": 0, "active": false },
        { "title": "Mail", "url": "/docs/admin/mail", "path": "admin/mail", "depth": 1, "active": false },
    ]);
    let page = context! {
        title: "Start", html: "<h1>Start</h1><p>Welcome.</p>", toc: json!([{ "level": 2, "id": "first", "title": "First" }]),
        nav, mount: "/docs", label: "Docs", source: "index.md", day: "2026-11-21", before: None::<u8>,
        news: json!([{ "path": "news/one", "title": "News", "summary": "It works.", "day": "2026-11-21" }]),
        after: json!({ "title": "Mail", "url": "/docs/admin/mail" }), feed: "/docs/news.atom", revision: "1a2b3c4d",
        built_at: "2026-11-21T12:00:00Z",
    };
    let builds =
        json!([{ "id": 2, "at": "2026-11-21T12:00:00Z", "revision": "1a2b3c4d5e6f", "is_shown": true, "pages": 12 }]);
    let warnings = json!([{ "source": "index.md", "line": 4, "text": "The link \"gone.md\" leads nowhere." }]);
    let sites =
        json!([{ "name": "manual", "url": "/docs/", "source": "built in", "warnings": warnings, "builds": builds }]);
    vec![
        Sample::new("site/page.html", page),
        Sample::new("site/unbuilt.html", context! { title: "Docs" }),
        Sample::new(
            "site/static.html",
            context! {
                title: "Start", html: "<h1>Start</h1>", nav, up: "./", here: "", language: "en", site_title: "Docs",
                styles: ["prose.css"],
            },
        ),
        Sample::new("site/admin.html", context! { title: "Sites", sites }),
    ]
}
