//! Every page of a hub that has something of everything, in a browser: axe-core finds nothing, the page does not scroll
//! sideways on a phone, weighs little, asks no other host, and says the same without scripts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Browser, Hub, Village, Visitor, run, workspace};

/// Compressed bytes of HTML, styles and scripts of a page that is opened for the first time.
const HEAVIEST: i64 = 60_000;
/// Pages of one shape that are looked at: /issues/1 and /issues/2, not all of them; with a query, one.
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
pub fn shape(url: &str) -> String {
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
        if *seen == if url.contains('?') { 1 } else { OF_ONE_SHAPE } {
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

/// What axe-core, which stands in every page by itself, complains of on the page that is shown.
fn violations(browser: &Browser, rules: &Value) -> Vec<String> {
    let script = "const [run, done] = arguments;
        axe.run(document, run).then((result) => done(result.violations.map((one) =>
            `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary ?? ''}`.replace(/\\s+/g, ' '))),
            (error) => done([String(error)]));";
    let asked = json!({"runOnly": rules, "resultTypes": ["violations"], "preload": false});
    let found = browser.script_later(script, json!([asked]));
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

/// What the browser did on the network since the last call: the names of events and what they say.
fn network(browser: &Browser) -> Vec<(String, Value)> {
    let event = |line: &Value| {
        let mut event: Value = serde_json::from_str(line["message"].as_str()?).ok()?;
        let method = event["message"]["method"].as_str()?.to_owned();
        Some((method, event["message"]["params"].take()))
    };
    browser.log("performance").iter().filter_map(event).collect()
}

/// Whatever the page asks of another host than its own is a finding, whether it may or not; gives how often it asks.
fn ask_no_other(browser: &Browser, page: &str, events: &[(String, Value)], findings: &mut Findings) -> usize {
    let own = browser.script("return location.host", json!([]));
    let mut asked = 0;
    for (method, parameters) in events {
        let url = match method.as_str() {
            "Network.requestWillBeSent" => &parameters["request"]["url"],
            "Network.webSocketCreated" | "Network.webTransportCreated" => &parameters["url"],
            _ => continue,
        };
        let url = url.as_str().unwrap_or_default();
        // What the page brings along itself, such as data: and blob:, has no host.
        let Some((_, rest)) = url.split_once("://") else { continue };
        asked += 1;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if Some(host) != own.as_str() && !url.starts_with("blob:") {
            findings.add(page, format!("asks {host}: {url}"));
        }
    }
    asked
}

/// Compressed bytes of what the page consists of, without pictures.
fn weigh(events: &[(String, Value)]) -> i64 {
    let (mut kinds, mut weight) = (BTreeMap::new(), 0);
    for (method, parameters) in events {
        let id = parameters["requestId"].as_str().unwrap_or_default();
        match method.as_str() {
            "Network.requestWillBeSent" => {
                kinds.insert(id, parameters["type"].as_str().unwrap_or_default());
            }
            "Network.loadingFinished" if matches!(kinds.get(id), Some(&("Document" | "Stylesheet" | "Script"))) => {
                weight += parameters["encodedDataLength"].as_f64().unwrap_or_default() as i64;
            }
            _ => {}
        }
    }
    weight
}

/// The rules of axe-core that are asked: all that have to do with WCAG 2.2, and its advice.
fn rules() -> Value {
    json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
}

/// A phone in the light, and a wide screen in the dark.
const SCREENS: [(u32, &str); 2] = [(390, "light"), (1440, "dark")];

/// Opens a page, looks at it on each screen, and gives its words.
fn look_at(browser: &Browser, page: &str, findings: &mut Findings) -> BTreeSet<String> {
    browser.devtools("Network.clearBrowserCache", json!({}));
    browser.log("performance");
    browser.log("browser");
    browser.screen(SCREENS[0].0, SCREENS[0].1);
    browser.go(page);
    let events = network(browser);
    assert!(ask_no_other(browser, page, &events, findings) > 1, "{page} asks for itself and its styles");
    let weight = weigh(&events);
    if weight > HEAVIEST {
        findings.add(page, format!("weighs {weight} bytes"));
    }
    assert!(weight > 5_000, "{page} was weighed: {weight}");
    // Before axe-core, which lets the browser lay out what is folded away.
    let words = laid_out(browser);
    assert!(words.len() > 10, "{page} is laid out");
    for (width, scheme) in SCREENS {
        browser.screen(width, scheme);
        let at = format!("{page} ({width} px, {scheme})");
        if let Some(text) = sticks_out(browser) {
            findings.add(&at, text);
        }
        for text in violations(browser, &rules()) {
            findings.add(&at, text);
        }
    }
    // What its scripts asked for later, and what another screen shows.
    ask_no_other(browser, page, &network(browser), findings);
    for line in browser.log("browser") {
        let text = line["message"].as_str().unwrap_or_default();
        if line["level"] == "SEVERE" && !text.contains("the server responded with a status of") {
            findings.add(page, text);
        }
    }
    words
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

/// Whether a page has these words without scripts too; what only scripts can do says so by not being there.
fn says_without_scripts(browser: &Browser, page: &str, words: &BTreeSet<String>, findings: &mut Findings) {
    let only_scripts = ["Keys", "?", "Theme:", "as", "the", "system"];
    browser.screen(SCREENS[0].0, SCREENS[0].1);
    browser.scripts(false);
    browser.go(page);
    let without = laid_out(browser);
    browser.scripts(true);
    let missing: Vec<&String> =
        words.difference(&without).filter(|word| !only_scripts.contains(&word.as_str())).collect();
    // A minute may pass between the two, and what was now is a minute old.
    let is_time =
        |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == ':') || ["now", "min", "h", "ago"].contains(&word);
    if missing.iter().any(|word| !is_time(word)) {
        findings.add(page, format!("does not say without scripts: {missing:?}"));
    }
}

/// A browser in which every page has axe-core.
fn browser(hub: &Hub) -> Browser {
    let browser = Browser::start(hub);
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": axe()}));
    browser
}

/// What a stranger can come to; the manual is read here.
fn open_pages(hub: &Hub) -> Findings {
    let (browser, mut findings) = (browser(hub), Findings(vec![]));
    let starts = ["/", "/login", "/register", "/reset", "/issues/new", "/search?q=nothingatall", "/docs/"];
    let mut pages = pages_of(&hub.stranger(), &starts);
    assert!(pages.len() > 60, "the pages of a stranger are found: {pages:?}");
    pages.push("/no/such/page".into());
    for page in &pages {
        let words = look_at(&browser, page, &mut findings);
        says_without_scripts(&browser, page, &words, &mut findings);
    }
    findings
}

/// What an administrator can come to besides.
fn own_pages(village: &Village) -> Findings {
    let (browser, mut findings) = (browser(&village.hub), Findings(vec![]));
    browser.sign_in("ann");
    let starts = ["/", "/me", "/admin", "/admin/theme/gallery", "/issues/1?edit=1", "/search?q=heron", "/lists/quiet/"];
    let mut pages = pages_of(&village.ann, &starts);
    pages.retain(|page| !page.starts_with("/docs") && !page.starts_with("/logout"));
    assert!(pages.len() > 60, "the pages of an administrator are found: {pages:?}");
    for page in &pages {
        look_at(&browser, page, &mut findings);
    }
    // A form that is refused comes back with what was typed and what is wrong.
    browser.go("/issues/new");
    browser.script(
        "document.querySelector('main form').noValidate = true; document.getElementById('f-message').value = 'kept'",
        json!([]),
    );
    browser.find("main form button.primary").click();
    browser.wait_for_text("What you typed is kept");
    for text in violations(&browser, &rules()) {
        findings.add("a refused form", text);
    }
    findings
}

/// Two browsers at once: one of a stranger, one of an administrator.
#[test]
fn every_page_stands_in_a_browser() {
    let village = Village::start();
    let (open, own) = std::thread::scope(|scope| {
        let hub = &village.hub;
        let open = scope.spawn(move || open_pages(hub));
        (own_pages(&village), open.join().expect("a stranger sees all pages"))
    });
    let all: Vec<String> = open.0.into_iter().chain(own.0).collect();
    assert!(all.is_empty(), "{} things to mend:\n{}", all.len(), all.join("\n"));
}

/// A hub in which nothing has happened, and the pages of what goes wrong.
#[test]
fn empty_pages_and_errors_stand_in_a_browser() {
    let mut hub = Hub::configured(None, "");
    // A page of the project's own that cannot be shown is an error of the hub: 500.
    let own = hub.data().join("theme/lists/list.search.html");
    std::fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
    std::fs::write(own, "{% extends \"base.html\" %}{% block content %}{{ no.such.thing }}{% endblock content %}")
        .expect("a page that cannot be shown");
    hub.run();
    hub.person("ann", true);
    hub.person("bob", false);
    hub.cli(&["lists", "new", "quiet@hub.test"]);
    let (browser, mut findings) = (browser(&hub), Findings(vec![]));
    browser.sign_in("ann");
    for page in ["/", "/issues/", "/commits/", "/chat/", "/lists/quiet/", "/search?q=zyzzyva", "/admin", "/admin/theme"]
    {
        look_at(&browser, page, &mut findings);
    }
    look_at(&browser, "/lists/quiet/?q=heron", &mut findings);
    assert!(browser.text().contains("Something broke here"), "{}", browser.text());
    browser.devtools("Network.clearBrowserCookies", json!({}));
    browser.sign_in("bob");
    for (page, words) in [("/admin", "Not allowed"), ("/no/such/page", "There is no such page")] {
        look_at(&browser, page, &mut findings);
        assert!(browser.text().contains(words), "{page}: {}", browser.text());
    }
    // What nginx shows while the hub is away.
    let away = workspace().join("ops/nginx/maintenance.html").canonicalize().expect("the page");
    browser.devtools("Page.navigate", json!({"url": format!("file://{}", away.display())}));
    browser.wait_for_text("Back in a minute");
    for (width, scheme) in SCREENS {
        browser.screen(width, scheme);
        let at = format!("maintenance ({width} px, {scheme})");
        findings.0.extend(sticks_out(&browser).map(|text| format!("{at}: {text}")));
        for text in violations(&browser, &rules()) {
            findings.add(&at, text);
        }
    }
    assert!(findings.0.is_empty(), "{} things to mend:\n{}", findings.0.len(), findings.0.join("\n"));
}
