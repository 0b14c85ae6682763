//! Reads files whole, cut off, and changed at places drawn from a seed: `mutate SEED ROUNDS FILE...`.
//!
//! Each text is parsed in both dialects and as that of a stranger, and written as HTML. What panics, takes longer than
//! a minute or makes more nodes than its size allows is named by file and round, and fails the run.

#![allow(clippy::disallowed_methods)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use guildhall_rst::html::{HtmlOptions, html};
use guildhall_rst::options::NODE_COST;
use guildhall_rst::{Dialect, Options, parse};

/// A text that takes longer hangs. Machines are busy; no text of a few hundred kilobytes takes a second by itself.
const HANG: Duration = Duration::from_secs(60);

/// Marsaglia's xorshift: the same seed draws the same places.
struct Luck(u64);

impl Luck {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap_or(0) % limit.max(1)
    }

    fn place(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }
}

const PIECES: [&str; 24] = [
    "*",
    "`",
    "_",
    "|",
    "\\",
    "\n",
    "\n\n",
    "   ",
    "::",
    "..",
    "\n.. ",
    "\n- ",
    "<",
    ">",
    "+--+",
    "====",
    "[",
    "]_",
    ":a:",
    "é",
    "\t",
    "\0",
    "\n.. contents::\n\n",
    "|a|",
];

/// The file as it is, cut off at a place, cut out of the middle, or with pieces in it that do not belong there.
fn damaged(text: &str, round: u64, luck: &mut Luck) -> String {
    match round % 4 {
        0 if round == 0 => return text.to_owned(),
        1 => return text[..luck.place(text)].to_owned(),
        3 => return text[luck.place(text)..].to_owned(),
        _ => {}
    }
    let mut changed = text.to_owned();
    for _ in 0..1 + luck.below(12) {
        let at = luck.place(&changed);
        let to = changed.floor_char_boundary((at + luck.below(9)).min(changed.len()));
        changed.replace_range(at..to.max(at), PIECES[luck.below(PIECES.len())]);
    }
    changed
}

/// Reads a text in all ways; the ways whose tree is too large.
fn read(text: &str, path: &str) -> Vec<String> {
    let ways = [
        Options { dialect: Dialect::Docutils, ..Options::new(path) },
        Options { dialect: Dialect::Sphinx, smart_quotes: true, ..Options::new(path) },
        Options::restricted(path),
    ];
    let mut faults = Vec::new();
    for options in ways {
        let doc = parse(text, &options);
        let most = 2_000 + 40 * text.len() + options.limits.expansion / NODE_COST;
        if doc.len() > most {
            faults.push(format!("{} nodes for {} bytes as {:?}", doc.len(), text.len(), options.dialect));
        }
        html(&doc, &HtmlOptions::default());
    }
    faults
}

/// Ends the run when one text takes too long.
fn watch(current: Arc<Mutex<(String, Instant)>>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            if let Ok(current) = current.lock()
                && current.1.elapsed() > HANG
            {
                println!("{} hangs", current.0);
                std::process::exit(1);
            }
        }
    });
}

fn main() {
    let mut args = std::env::args().skip(1);
    let mut number = || args.next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    let (mut luck, rounds) = (Luck(number().max(1)), number());
    let files: Vec<String> = args.collect();
    let current = Arc::new(Mutex::new((String::new(), Instant::now())));
    watch(current.clone());
    let (mut read_bytes, mut texts, mut failed) = (0, 0, 0);
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        for round in 0..=rounds {
            let changed = damaged(&text, round, &mut luck);
            if let Ok(mut current) = current.lock() {
                *current = (format!("{path}, round {round}"), Instant::now());
            }
            let faults = match std::panic::catch_unwind(|| read(&changed, path)) {
                Ok(faults) => faults,
                Err(_) => vec!["panics".to_owned()],
            };
            faults.iter().for_each(|fault| println!("{path}, round {round}: {fault}"));
            (read_bytes, texts, failed) = (read_bytes + changed.len(), texts + 1, failed + faults.len());
        }
    }
    println!("{texts} texts made of {} files, {:.1} MB, {failed} faults", files.len(), read_bytes as f64 / 1e6);
    std::process::exit(i32::from(failed > 0));
}
