//! What people write stays text, wherever it is shown: in pages, feeds, files for programs, and mails.

use std::collections::{BTreeSet, VecDeque};

use axum::body::Body;
use http::Request;
use scraper::{Html, Selector};
use testkit::{Browser, TestHub, UploadFile, form, mail};

use super::{filled, routes, whole};

/// Words that act where they are taken for markup or for a template.
const HOSTILE: &str = "{{ 1234567 * 7654321 }}{% include \"base.html\" %}</title></textarea><script>alert(1)</script>\
                       <img src=x onerror=alert(1)>\"'><b data-hostile=1>";
/// What a template makes of its product: too long to stand in an identifier by chance.
const PRODUCT: &str = "9449772114007";
/// The same in Markdown and reST: links, images, raw parts.
const MARKED: &str = "[a](javascript:alert(1)) ![b](x\"onerror=\"alert(1)) <javascript:alert(1)> `x <javascript:alert(1)>`_\n\n\
                      .. raw:: html\n\n   <script>alert(2)</script>\n\n.. include:: /etc/passwd\n\n\
                      .. image:: javascript:alert(1)\n\n<svg onload=alert(3)><a xlink:href=javascript:alert(1)>";

async fn write_issues(root: &Browser) {
    for format in ["plain", "markdown", "rst"] {
        let files = [UploadFile {
            field: "files",
            name: "x<script>alert(1)</script>.html",
            content_type: "text/html",
            bytes: b"<script>",
        }];
        let message = format!("{HOSTILE}\n\n{MARKED}");
        let fields = form! { title: HOSTILE, message: message, format: format };
        root.upload("/issues/new", fields, &files).await.expect(303);
    }
    root.post("/issues/settings/items", form! { class: "keyword", name: HOSTILE, "do": "add" }).await;
    root.post("/issues/queries", form! { name: HOSTILE, query: format!("title={}", web::urlpart(HOSTILE)) }).await;
    root.post("/issues/settings", form! { title: HOSTILE, audience: "public" }).await;
}

async fn write_people(root: &Browser) {
    let about = format!("{HOSTILE}\n\n{MARKED}");
    root.post("/me", form! { display_name: HOSTILE, about: about, timezone: "UTC" }).await.expect(303);
    root.post("/admin/groups", form! { name: "crew", description: HOSTILE }).await.expect(303);
    root.post("/me/tokens", form! { label: HOSTILE, scope: "read" }).await;
    let program = form! { name: HOSTILE, redirect_uris: "https://program.example/back" };
    root.post("/admin/programs", program).await;
}

async fn write_mail(hub: &TestHub, root: &Browser) {
    let list = form! { address: "dev@hub.test", title: HOSTILE, style: "discussion" };
    root.post("/lists/new", list).await.expect(303);
    root.post("/lists/dev/join", form! { address: "root@example.org" }).await;
    let name = HOSTILE.replace(['"', '<', '>'], " ");
    let kinds = ["text/plain; charset=utf-8", "text/html; charset=utf-8", "text/markdown; charset=utf-8"];
    for kind in kinds {
        let letter = mail! {
            from: format!("\"{name}<b data-hostile=1>\" <root@example.org>"), to: "dev@hub.test", subject: HOSTILE,
            body: format!("{HOSTILE}\n\n{MARKED}"),
            headers: format!("MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n"),
        };
        hub.mail_in(letter).await;
    }
    let parts = format!(
        "--x\r\nContent-Type: text/plain\r\n\r\n{HOSTILE}\r\n--x\r\nContent-Type: text/html\r\n\
         Content-Disposition: attachment; filename=\"../../a<script>alert(1)</script>.html\"\r\n\r\n<script>alert(1)</script>\r\n--x--\r\n"
    );
    let letter = mail! {
        from: "root@example.org", to: "dev@hub.test", subject: "parts", body: parts,
        headers: "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n",
    };
    hub.mail_in(letter).await;
}

async fn write_commits(root: &Browser) {
    let far = form! { name: "far", vcs: "git", path: "", description: HOSTILE, audience: "public", list_address: "dev@hub.test" };
    root.post("/admin/commits", far).await.expect(303);
    let page = root.get("/admin/commits/far").await.expect(200);
    let tokens = page.select("code");
    let token = tokens.iter().find(|word| word.len() >= 30 && !word.contains(['/', ' '])).expect("the secret").clone();
    let (old, new) = ("ab".repeat(20), "cd".repeat(20));
    let body = serde_json::json!({
        "ref": format!("refs/heads/{HOSTILE}"), "before": old, "after": new, "user_name": HOSTILE, "user_username": HOSTILE,
        "commits": [{"id": new, "message": format!("{HOSTILE}\n\n{MARKED}"), "timestamp": "2026-11-20T10:00:00+02:00",
            "url": "javascript:alert(1)", "author": {"name": HOSTILE, "email": "x\"><script>@evil.example"},
            "added": [HOSTILE, "../../etc/passwd"], "removed": [], "modified": ["--upload-pack=x"]}],
    });
    let request = Request::post("/hooks/far")
        .header("x-gitlab-event", "Push Hook")
        .header("x-gitlab-token", token)
        .body(Body::from(body.to_string()));
    root.send(request.expect("a request")).await.expect(204);
}

async fn write_lines(hub: &TestHub) {
    let tx = hub.hub.store.write().await.expect("a transaction");
    let id = chat::log::channel(&tx, "test", "#dev").await.expect("a channel");
    let line = |second: u32, kind: &'static str, text: &str| chat::log::Line {
        at: hub.hub.now() - chrono::Duration::seconds(i64::from(second)),
        kind,
        nick: "<b data-hostile=1>".into(),
        account: String::new(),
        text: text.to_owned(),
        raw: None,
    };
    let said =
        format!("{HOSTILE} \u{2}bold\u{3}4,2red\u{f} javascript:alert(1) https://x.example/\"onmouseover=alert(1)");
    let lines =
        [line(9, "topic", HOSTILE), line(8, "say", &said), line(7, "action", HOSTILE), line(6, "quit", HOSTILE)];
    chat::log::record(&tx, id, &lines).await.expect("kept lines");
    tx.commit().await.expect("a commit");
}

/// What of a page acts, or is an element that somebody wrote.
fn faults(text: &str) -> Vec<String> {
    let page = Html::parse_document(text);
    let all = Selector::parse("*").expect("a selector");
    let mut faults = vec![];
    for element in page.select(&all) {
        let (name, value) = (element.value().name(), element.value());
        let own = name != "script" || value.attr("src").is_some_and(|src| src.starts_with("/static/"));
        if !own || ["iframe", "object", "embed", "base"].contains(&name) || value.attr("data-hostile").is_some() {
            faults.push(format!("the element {}", element.html().chars().take(200).collect::<String>()));
        }
        for (attribute, value) in value.attrs() {
            let value: String =
                value.to_lowercase().chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
            let leads = ["href", "src", "action", "formaction", "xlink:href", "srcset"].contains(&attribute);
            let acts = leads && ["javascript:", "vbscript:", "data:text"].iter().any(|start| value.starts_with(start));
            if attribute.starts_with("on") || acts {
                faults.push(format!("{name} {attribute}={value}"));
            }
        }
    }
    faults
}

/// Links of a page to pages of the hub.
fn links(text: &str) -> Vec<String> {
    let page = Html::parse_document(text);
    let found = Selector::parse("a[href], link[rel=alternate]").expect("a selector");
    let links = page.select(&found).filter_map(|element| element.attr("href"));
    let own = links.filter(|link| link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/docs/"));
    own.map(|link| link.split('#').next().unwrap_or_default().to_owned()).collect()
}

/// A hub in which every text that people can write is hostile.
async fn hostile() -> (TestHub, Browser) {
    let hub = whole().await;
    let root = hub.admin("root").await;
    write_issues(&root).await;
    write_people(&root).await;
    write_mail(&hub, &root).await;
    write_commits(&root).await;
    write_lines(&hub).await;
    hub.settle().await;
    (hub, root)
}

#[tokio::test]
async fn what_people_write_acts_on_no_page() {
    let (hub, root) = hostile().await;
    let asked = web::urlpart(HOSTILE);
    let queries = [
        "/search?q=",
        "/issues/?title=",
        "/issues/?q=",
        "/nowhere/",
        "/people/?q=",
        "/login?next=",
        "/issues/new?title=",
    ];
    let mut waiting: VecDeque<String> = queries.iter().map(|start| format!("{start}{asked}")).collect();
    waiting.extend(routes(&hub).iter().filter(|route| !route.ends_with("/live")).map(|route| filled(route, "1")));
    let (mut seen, mut literal) = (BTreeSet::new(), BTreeSet::new());
    let (mut found, mut kinds): (Vec<String>, BTreeSet<String>) = (vec![], BTreeSet::new());
    while let Some(path) = waiting.pop_front() {
        if seen.len() > 600 || !seen.insert(path.clone()) {
            continue;
        }
        let reply = root.get(&path).await;
        let kind = reply.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let text = reply.text();
        if text.contains(PRODUCT) {
            found.push(format!("{path}: what was written was taken for a template"));
        }
        if kind.starts_with("text/html") {
            found.extend(faults(&text).into_iter().map(|fault| format!("{path}: {fault}")));
            waiting.extend(links(&text));
            if text.contains("{{ 1234567 * 7654321 }}") {
                literal.insert(path.split(['/', '?']).nth(1).unwrap_or_default().to_owned());
            }
        } else if kind.contains("xml") {
            let escaped = !text.contains("<script") && !text.contains("<b data-hostile");
            if !escaped {
                found.push(format!("{path}: a feed carries markup that somebody wrote"));
            }
        }
        kinds.insert(kind);
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    for place in ["issues", "lists", "commits", "chat", "people", "admin", "me", "search", "activity"] {
        assert!(literal.contains(place), "the words were not met below /{place}: {literal:?}");
    }
    assert!(kinds.iter().any(|kind| kind.contains("atom")), "{kinds:?}");
}

#[tokio::test]
async fn what_people_write_stays_in_the_body_of_a_mail() {
    let (hub, root) = hostile().await;
    let evil = "quiet\r\nBcc: victim@evil.example\r\n\r\nbody";
    root.post("/me", form! { display_name: evil, about: "", timezone: "UTC" }).await;
    root.post("/issues/new", form! { title: evil, message: evil, nosy: "root" }).await;
    root.post("/issues/1", form! { title: evil, message: evil }).await;
    root.post("/lists/new", form! { address: "evil\r\nBcc: x@evil.example", title: evil, style: "discussion" }).await;
    root.post("/lists/dev/settings", form! { title: evil }).await;
    root.post("/reset", form! { who: evil }).await;
    root.post("/register", form! { name: "fresh", display_name: evil, address: "fresh@example.org\r\nBcc: x@evil.example", password: "a quiet heron counts the tides" }).await;
    root.post("/me/addresses", form! { address: "second@example.org\nBcc: x@evil.example" }).await;
    root.post("/admin/invitations", form! { address: "third@example.org\r\nBcc: x@evil.example" }).await;
    for name in ["=?utf-8?q?a=0D=0ABcc:_x@evil.example?=", "=?utf-8?b?YQ0KQmNjOiB4QGV2aWwuZXhhbXBsZQ==?="] {
        let letter =
            mail! { from: format!("{name} <root@example.org>"), to: "dev@hub.test", subject: name, body: evil };
        hub.mail_in(letter).await;
        let letter =
            mail! { from: format!("{name} <root@example.org>"), to: "issues@hub.test", subject: name, body: "x" };
        hub.mail_in(letter).await;
    }
    hub.settle().await;
    let outbox = hub.outbox().await;
    assert!(outbox.count() > 5, "{} mails", outbox.count());
    for sent in &outbox.0 {
        let text = sent.text();
        let (head, _) = text.split_once("\n\n").expect("a header");
        let lower = head.to_lowercase();
        assert!(!lower.contains("\nbcc:") && !head.contains('\r'), "{head}");
        assert!(!sent.copy.address.contains("evil.example"), "{head}");
        assert!(!text.contains(PRODUCT), "a text was taken for a template: {text}");
    }
}
