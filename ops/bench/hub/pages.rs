//! Pages that are read: lists, things, searches.

use std::time::Duration;

use crate::MASS;
use crate::bare::Bare;
use crate::clients::{Http, Served, load};
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

/// Addresses of one kind, and what was promised of them.
struct Pages {
    name: &'static str,
    count: u64,
    paths: Vec<String>,
    target: &'static str,
    /// Whether nobody has signed in; else an administrator asks, whose pages hold most.
    stranger: bool,
}

/// A list by status, priority and keyword, which do not go together: each holds a two hundredth of all issues.
/// Every address is another list until all were asked for, which are more than the hub keeps.
fn filtered(scale: &Scale, page: &str) -> Vec<String> {
    const STATUSES: [&str; 8] =
        ["unread", "deferred", "chatting", "need-eg", "in-progress", "testing", "done-cbb", "resolved"];
    const PRIORITIES: [&str; 5] = ["critical", "urgent", "bug", "feature", "wish"];
    let pages = scale.of(100_000) / 200 / 50;
    let list = |n: usize| {
        let (status, priority, keyword) = (STATUSES[n % 8], PRIORITIES[n / 8 % 5], n / 40 % 5 + 1);
        let number = n as u64 / 200 + 1;
        format!("{page}?status={status}&priority={priority}&keyword=word{keyword}&sort=-activity&page={number}")
    };
    (0..200 * pages.max(1) as usize).map(list).collect()
}

fn pages(scale: &Scale) -> Vec<Pages> {
    let (number, rank) = (|n: u64| 1101 + n * 37 % scale.of(90_000), |n: u64| Words::word(n as usize));
    let one = |path: &str| vec![path.to_owned()];
    let pages = |name, count, paths, target| Pages { name, count, paths, target, stranger: false };
    let (lists, json) = (filtered(scale, "/issues/"), filtered(scale, "/issues.json"));
    vec![
        pages("issue list, three filters, each time another", 4000, lists.clone(), "0.3 ms CPU, p99 10 ms"),
        pages("the same, lists that are known", 4000, lists[..5].to_vec(), "0.3 ms CPU, p99 10 ms"),
        pages("issue list, as it comes", 4000, one("/issues/"), "0.3 ms CPU, p99 10 ms"),
        Pages { stranger: true, ..pages("the same for a stranger", 4000, one("/issues/"), "") },
        pages("issue list as JSON, each time another", 2000, json.clone(), "p99 15 ms"),
        pages("the same, a list that is known", 2000, json[..1].to_vec(), "p99 15 ms"),
        pages(
            "issue, 4 messages, each time another",
            4000,
            (0..5000).map(|n| format!("/issues/{}", number(n))).collect(),
            "0.3 ms CPU, p99 15 ms",
        ),
        pages("issue, 5 messages, known", 4000, one("/issues/1005"), "0.3 ms CPU, p99 15 ms"),
        Pages { stranger: true, ..pages("the same for a stranger", 4000, one("/issues/1005"), "") },
        pages("issue, 100 messages, known", 1000, one("/issues/1100"), "p99 15 ms"),
        pages("search, a common word", 1000, (1..20).map(|n| format!("/search?q={}", rank(n))).collect(), "p95 20 ms"),
        pages(
            "search, a rare word",
            1000,
            (5000..5500).map(|n| format!("/search?q={}", rank(n))).collect(),
            "p95 20 ms",
        ),
        pages(
            "search of issues with a filter",
            1000,
            // Each its own: a list that was asked for before is known.
            (0..1250)
                .map(|n| format!("/issues/?q={}+-id:{}&priority=bug&state=all", rank(300 + n % 100), n + 1))
                .collect(),
            "p95 20 ms",
        ),
        pages("thread, 8 posts", 2000, one("/lists/dev1/post501@hub.test/t/"), "0.5 ms CPU"),
        pages("thread, 1,000 posts", 200, one("/lists/dev1/post600@hub.test/t/"), "50 ms"),
        pages("front door", 2000, one("/"), ""),
        pages("activity", 2000, one("/activity"), ""),
        pages("person", 1000, (0..500).map(|n| format!("/people/person{}", 1 + n)).collect(), ""),
    ]
}

/// Reads pages with eight clients, then with one alone, which goes on with those that nobody has read.
pub fn read(at: &Served<'_>, name: &str, count: u64, paths: &[String]) -> Figure {
    read_as(at, &at.cookie, name, count, paths)
}

fn read_as(at: &Served<'_>, cookie: &str, name: &str, count: u64, paths: &[String]) -> Figure {
    let client = || Http::to(at.hub.http, cookie);
    let get = |http: &mut Http, n: u64| drop(http.get(&paths[n as usize % paths.len()]));
    let get_more = |http: &mut Http, n: u64| get(http, count + n);
    let size = paths.iter().take(5).map(|path| client().get(path).len()).max().unwrap_or(0);
    let figure = load(name, (8, count), at.hub.pid(), client, get);
    let alone = load(name, (1, count.div_ceil(4)), at.hub.pid(), client, get_more).p95;
    Figure { unit: "pages", alone, note: format!("{} kB", size / 1024), ..figure }
}

/// Asks until the hub has all issues in memory, and so counts a list to its end.
fn wait_for_memory(at: &Served<'_>, scale: &Scale) {
    let mut client = Http::to(at.hub.http, &at.cookie);
    let mut total = || {
        let list = client.get("/issues.json?state=all&size=1");
        serde_json::from_slice::<serde_json::Value>(&list).ok().and_then(|list| list["total"].as_u64()).unwrap_or(0)
    };
    let stands = (0..10_000).any(|_| total() >= scale.of(MASS));
    assert!(stands, "the hub does not count its issues to the end");
}

pub fn measure(scale: &Scale, report: &mut Report, at: &Served<'_>) {
    let bare = Bare::new();
    wait_for_memory(at, scale);
    for pages in pages(scale) {
        let paths = &pages.paths;
        let cookie = if pages.stranger { "" } else { at.cookie.as_str() };
        let figure = read_as(at, cookie, pages.name, scale.of(pages.count), paths);
        let mut note = figure.note.clone();
        let is_issues = paths.iter().all(|path| path.starts_with("/issues") && !path.contains("q="));
        if is_issues && !pages.stranger {
            let cost = bare.cost(at.hub.data(), &paths[0], paths.len() > 10);
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            let (database, templates) = (ms(cost.database), ms(cost.templates));
            note.push_str(&format!(
                "; its {} statements alone: {database:.2} ms CPU, its templates alone: {templates:.2} ms",
                cost.statements
            ));
        }
        report.add(Figure { note, target: pages.target, ..figure });
    }
}
