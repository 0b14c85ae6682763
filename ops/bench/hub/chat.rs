//! Logs of IRC channels.

use crate::clients::Served;
use crate::pages;
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

pub fn measure(scale: &Scale, report: &mut Report, at: &Served<'_>) {
    let words: Vec<String> = (200..300).map(|rank| format!("/chat/libera/dev1/?q={}", Words::word(rank))).collect();
    let day = vec!["/chat/libera/dev1/2025-10-01".to_owned()];
    for (name, count, paths, target) in
        [("day of 5,000 lines", 200, day, "50 ms"), ("search in a channel", 1000, words, "p95 30 ms")]
    {
        let figure = pages::read(at, name, scale.of(count), &paths);
        report.add(Figure { target, ..figure });
    }
}
