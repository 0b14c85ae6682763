//! Pages that are read: lists, things, searches.

use std::time::Duration;

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
}

fn pages(scale: &Scale) -> Vec<Pages> {
    let (number, rank) = (|n: u64| 1101 + n * 37 % scale.of(90_000), |n: u64| Words::word(n as usize));
    let one = |path: &str| vec![path.to_owned()];
    let pages = |name, count, paths, target| Pages { name, count, paths, target };
    vec![
        pages(
            "issue list, three filters, 50 of many",
            4000,
            (0..5)
                .map(|page| format!("/issues/?state=all&priority=bug&keyword=word3&sort=-activity&page={}", page + 1))
                .collect(),
            "0.3 ms CPU, p99 10 ms",
        ),
        pages("issue list, as it comes", 4000, one("/issues/"), "0.3 ms CPU, p99 10 ms"),
        pages("issue list as JSON", 2000, one("/issues.json?state=all&priority=bug&keyword=word3"), "p99 15 ms"),
        pages(
            "issue, 4 messages, each time another",
            4000,
            (0..4000).map(|n| format!("/issues/{}", number(n))).collect(),
            "",
        ),
        pages("issue, 5 messages", 4000, one("/issues/1005"), "0.3 ms CPU, p99 15 ms"),
        pages("issue, 100 messages", 1000, one("/issues/1100"), "p99 15 ms"),
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
    let client = || Http::to(at.hub.http, &at.cookie);
    let get = |http: &mut Http, n: u64| drop(http.get(&paths[n as usize % paths.len()]));
    let get_more = |http: &mut Http, n: u64| get(http, count + n);
    let size = paths.iter().take(5).map(|path| client().get(path).len()).max().unwrap_or(0);
    let figure = load(name, (8, count), at.hub.pid(), client, get);
    let alone = load(name, (1, count.div_ceil(4)), at.hub.pid(), client, get_more).p95;
    Figure { unit: "pages", alone, note: format!("{} kB", size / 1024), ..figure }
}

pub fn measure(scale: &Scale, report: &mut Report, at: &Served<'_>) {
    let bare = Bare::new();
    for pages in pages(scale) {
        let paths = &pages.paths;
        let figure = read(at, pages.name, scale.of(pages.count), paths);
        let mut note = figure.note.clone();
        if paths.iter().all(|path| path.starts_with("/issues") && !path.contains("q=")) {
            let cost = bare.cost(at.hub.data(), &paths[0]);
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
