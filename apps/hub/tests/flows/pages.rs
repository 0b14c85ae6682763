//! Every page of a hub that has something of everything, in a browser: axe-core finds nothing, the page does not scroll
//! sideways on a phone, weighs little, asks no other host, and says the same without scripts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Browser, Village, Visitor, run, workspace};

/// Compressed bytes of HTML, styles and scripts of a page that is opened for the first time.
const HEAVIEST: i64 = 60_000;
/// Pages of one shape that are looked at: /issues/1 and /issues/2, not all of them.
const OF_ONE_SHAPE: usize = 2;

/// axe-core as `ops/look` installs it.
fn axe() -> String {
    let look = workspace().join("ops/look");
    let path: PathBuf = look.join("node_modules/axe-core/axe.min.js");
    if !path.exists() {
        run(&look, "npm", &["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]);
    }
    std::fs::read_to_string(path).expect("axe-core, which npm installs into ops/look")
}

/// The path with what differs between things of one kind taken out.
fn shape(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let part = |part: &str| match part.chars().any(|c| c.is_ascii_digit() || "@%.#".contains(c)) {
        true => "N".to_owned(),
        false => part.to_owned(),
    };
    let keys: BTreeSet<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let path: Vec<String> = path.split('/').map(part).collect();
    format!("{}?{}", path.join("/"), keys.into_iter().collect::<Vec<_>>().join("&"))
}

/// Every page that links lead to from the front door, a few of each shape.
fn pages_of(visitor: &Visitor, starts: &[&str]) -> Vec<String> {
    let mut waiting: VecDeque<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    let (mut known, mut shapes, mut pages) = (BTreeSet::new(), BTreeMap::<String, usize>::new(), vec![]);
    while let Some(url) = waiting.pop_front() {
        let seen = shapes.entry(shape(&url)).or_default();
        if *seen == OF_ONE_SHAPE {
            continue;
        }
        *seen += 1;
        let page = visitor.get(&url);
        assert!(page.status < 500, "{url} answers {}", page.status);
        if page.status >= 400 || !page.text.starts_with("<!doctype html>") {
            continue;
        }
        for link in page.attributes("a[href]", "href") {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            let file = [".atom", ".mbox", ".gz", ".txt", ".xml", ".json", ".csv", ".ics", ".diff"];
            let page = link.starts_with('/') && !link.starts_with("/static") && !link.contains("/file/");
            if page && !file.iter().any(|end| link.ends_with(end)) && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        pages.push(url);
    }
    pages
}

/// What is wrong with pages, gathered so that one run tells all of it.
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, page: &str, text: impl std::fmt::Display) {
        self.0.push(format!("{page}: {text}"));
    }
}

/// What axe-core complains of on the page that is shown.
fn violations(browser: &Browser, axe: &str, rules: &Value) -> Vec<String> {
    let script = "const [source, run, done] = arguments; if (!window.axe) (0, eval)(source);
        axe.run(document, run).then((result) => done(result.violations.map((one) =>
            `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary ?? ''}`.replace(/\\s+/g, ' '))),
            (error) => done([String(error)]));";
    let found = browser.script_later(script, json!([axe, {"runOnly": rules}]));
    found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// How far the page scrolls sideways, and what sticks out.
fn sticks_out(browser: &Browser) -> Option<String> {
    let script = "const over = document.documentElement.scrollWidth - document.documentElement.clientWidth; if (over <= 0) return null;
        const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1
            && !element.closest('.scroll, pre, .prose table')).slice(0, 3).map((element) => `${element.localName}.${element.className}`);
        return `scrolls sideways by ${over} px: ${wide.join(', ')}`;";
    browser.script(script, json!([])).as_str().map(str::to_owned)
}

/// Compressed bytes of what the page consists of, without pictures; foreign hosts are findings.
fn weigh(browser: &Browser, page: &str, findings: &mut Findings) -> i64 {
    let (mut kinds, mut weight) = (BTreeMap::new(), 0);
    let own = browser.script("return location.host", json!([]));
    let own = own.as_str().unwrap_or_default().to_owned();
    for line in browser.log("performance") {
        let text = line["message"].as_str().unwrap_or_default();
        let event: Value = serde_json::from_str(text).unwrap_or_default();
        let (method, parameters) = (&event["message"]["method"], &event["message"]["params"]);
        let id = parameters["requestId"].as_str().unwrap_or_default().to_owned();
        match method.as_str() {
            Some("Network.requestWillBeSent") => {
                let url = parameters["request"]["url"].as_str().unwrap_or_default();
                let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
                if url.starts_with("http") && host != own {
                    findings.add(page, format!("asks {host}"));
                }
                kinds.insert(id, parameters["type"].as_str().unwrap_or_default().to_owned());
            }
            Some("Network.loadingFinished")
                if matches!(kinds.get(&id).map(String::as_str), Some("Document" | "Stylesheet" | "Script")) =>
            {
                weight += parameters["encodedDataLength"].as_f64().unwrap_or_default() as i64;
            }
            _ => {}
        }
    }
    weight
}

fn look_at(browser: &Browser, axe: &str, page: &str, findings: &mut Findings) {
    let all = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
    let contrast = json!(["color-contrast"]);
    browser.devtools("Network.clearBrowserCache", json!({}));
    browser.log("performance");
    browser.log("browser");
    browser.screen(390, "light");
    browser.go(page);
    let weight = weigh(browser, page, findings);
    if weight > HEAVIEST {
        findings.add(page, format!("weighs {weight} bytes"));
    }
    assert!(weight > 5_000, "{page} was weighed: {weight}");
    for (width, scheme, rules) in
        [(390, "light", &all), (390, "dark", &contrast), (1440, "dark", &contrast), (1440, "light", &all)]
    {
        browser.screen(width, scheme);
        let at = format!("{page} ({width} px, {scheme})");
        if let Some(text) = sticks_out(browser) {
            findings.add(&at, text);
        }
        for text in violations(browser, axe, rules) {
            findings.add(&at, text);
        }
    }
    for line in browser.log("browser") {
        let text = line["message"].as_str().unwrap_or_default();
        if line["level"] == "SEVERE" && !text.contains("the server responded with a status of 4") {
            findings.add(page, text);
        }
    }
}

/// The words that are laid out on a page.
fn laid_out(browser: &Browser) -> BTreeSet<String> {
    let shot = browser.devtools("DOMSnapshot.captureSnapshot", json!({"computedStyles": []}));
    let strings = shot["strings"].as_array().cloned().unwrap_or_default();
    let texts = shot["documents"][0]["layout"]["text"].as_array().cloned().unwrap_or_default();
    let text = |index: &Value| strings.get(usize::try_from(index.as_i64()?).ok()?)?.as_str().map(str::to_owned);
    let texts: Vec<String> = texts.iter().filter_map(text).collect();
    texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
}

fn tell(findings: &Findings, pages: usize) {
    assert!(findings.0.is_empty(), "{} pages, {} things to mend:\n{}", pages, findings.0.len(), findings.0.join("\n"));
}

/// A page of each kind; all of them are walked by the test below.
#[test]
fn a_page_of_each_kind_stands_in_a_browser() {
    let village = Village::start();
    let axe = axe();
    let browser = Browser::start(&village.hub);
    let mut findings = Findings(vec![]);
    let pages = ["/", "/issues/", "/issues/1", "/lists/", "/site/", "/docs/theming", "/login", "/no/such/page"];
    for page in pages {
        look_at(&browser, &axe, page, &mut findings);
    }
    tell(&findings, pages.len());
}

#[test]
#[ignore = "walks hundreds of pages, which takes minutes: cargo test --workspace --test flows -- --ignored every_page"]
fn every_page_stands_in_a_browser() {
    let village = Village::start();
    let axe = axe();
    let browser = Browser::start(&village.hub);
    let mut findings = Findings(vec![]);
    let open =
        pages_of(&village.hub.stranger(), &["/", "/login", "/register", "/reset", "/issues/new", "/no/such/page"]);
    let open: Vec<&String> =
        open.iter().filter(|page| !page.starts_with("/docs") || page.matches('/').count() < 4).collect();
    for page in &open {
        look_at(&browser, &axe, page, &mut findings);
    }
    look_at(&browser, &axe, "/no/such/page", &mut findings);

    // The same words without scripts; what only scripts can do says so by not being there.
    browser.screen(1440, "light");
    let only_scripts = ["Keys", "?", "Theme:", "as", "the", "system"];
    for page in &open {
        browser.scripts(true);
        browser.go(page);
        let with = laid_out(&browser);
        browser.scripts(false);
        browser.go(page);
        let without = laid_out(&browser);
        assert!(with.len() > 10, "{page} is laid out");
        let missing: Vec<&String> =
            with.difference(&without).filter(|word| !only_scripts.contains(&word.as_str())).collect();
        // A minute may pass between the two.
        if missing.iter().any(|word| !word.chars().all(|c| c.is_ascii_digit())) {
            findings.add(page, format!("does not say without scripts: {missing:?}"));
        }
    }
    browser.scripts(true);

    browser.sign_in("ann");
    let starts = [
        "/",
        "/me",
        "/admin",
        "/admin/theme/gallery",
        "/issues/1?edit=1",
        "/search?q=heron",
        "/search?q=nothingatall",
        "/lists/quiet/",
    ];
    let pages = pages_of(&village.ann, &starts);
    let own: Vec<&String> =
        pages.iter().filter(|page| !page.starts_with("/docs") && !page.starts_with("/logout")).collect();
    assert!(own.len() > 60, "the pages of an administrator are found: {own:?}");
    for page in &own {
        look_at(&browser, &axe, page, &mut findings);
    }
    // A form that is refused comes back with what was typed and what is wrong.
    browser.go("/issues/new");
    browser.script(
        "document.querySelector('main form').noValidate = true; document.getElementById('f-message').value = 'kept'",
        json!([]),
    );
    browser.find("main form button.primary").click();
    browser.wait_for_text("What you typed is kept");
    for text in violations(&browser, &axe, &json!(["wcag2a", "wcag2aa", "best-practice"])) {
        findings.add("a refused form", text);
    }
    tell(&findings, open.len() + own.len());
}
