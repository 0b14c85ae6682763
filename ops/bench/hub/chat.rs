//! Logs of IRC channels.

use crate::clients::{Http, Served, load};
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

pub fn measure(scale: &Scale, report: &mut Report, at: &Served<'_>) {
    let words: Vec<String> = (200..300).map(|rank| format!("/chat/libera/dev1/?q={}", Words::word(rank))).collect();
    let day = vec!["/chat/libera/dev1/2025-10-01".to_owned()];
    for (name, count, paths, target) in
        [("day of 5,000 lines", 200, day, "50 ms"), ("search in a channel", 1000, words, "p95 30 ms")]
    {
        let mut once = Http::to(at.hub.http, &at.cookie);
        let size = once.get(&paths[0]).len() / 1024;
        let figure = load(
            name,
            (8, scale.of(count)),
            at.hub.pid(),
            || Http::to(at.hub.http, &at.cookie),
            |http, n| drop(http.get(&paths[n as usize % paths.len()])),
        );
        report.add(Figure { unit: "pages", note: format!("{size} kB"), target, ..figure });
    }
}
