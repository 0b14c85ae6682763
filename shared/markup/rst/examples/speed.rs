//! How fast documents are read and written: `speed ROUNDS FILE...` reads the files, parses all of them so often, writes
//! their HTML, and prints bytes, CPU seconds of the best round and megabytes a second.

#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use guildhall_rst::html::{HtmlOptions, html};
use guildhall_rst::{Dialect, Options, parse, parse_only};

/// The CPU time of this process, as Linux counts it; elsewhere the time of the wall clock.
fn cpu(start: Instant) -> Duration {
    let counted = std::fs::read_to_string("/proc/self/schedstat").ok();
    let spent = counted.and_then(|text| text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()));
    spent.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

fn main() {
    let clock = Instant::now();
    let mut args = std::env::args().skip(1);
    let rounds: u32 = args.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let files: Vec<(String, String)> =
        args.filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))).collect();
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    for dialect in [Dialect::Docutils, Dialect::Sphinx] {
        let (mut read, mut whole, mut written) = (Duration::MAX, Duration::MAX, Duration::MAX);
        let mut nodes = 0;
        for _ in 0..rounds.max(1) {
            let options = |path| Options { dialect, ..Options::new(path) };
            let start = cpu(clock);
            nodes = files.iter().map(|(path, text)| parse_only(text, &options(path)).len()).sum();
            read = read.min(cpu(clock) - start);
            let start = cpu(clock);
            files.iter().for_each(|(path, text)| drop(parse(text, &options(path))));
            whole = whole.min(cpu(clock) - start);
            let start = cpu(clock);
            let length: usize = files
                .iter()
                .map(|(path, text)| html(&parse(text, &options(path)), &HtmlOptions::default()).len())
                .sum();
            assert!(length > 0 || bytes == 0, "no HTML was written");
            written = written.min(cpu(clock) - start);
        }
        let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
        println!(
            "{dialect:?}: {} files, {bytes} bytes, {nodes} nodes; parser {:.3} s ({:.1} MB/s), with transforms {:.3} s ({:.1} MB/s), to HTML {:.3} s ({:.1} MB/s)",
            files.len(),
            read.as_secs_f64(),
            rate(read),
            whole.as_secs_f64(),
            rate(whole),
            written.as_secs_f64(),
            rate(written)
        );
    }
}
