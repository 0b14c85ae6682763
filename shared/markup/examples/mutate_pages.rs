//! Breaks real documents and reads them: `cargo run --release --example mutate_pages -- ROUNDS DIR...`
//!
//! Each file is cut, repeated, shuffled and peppered with markup; each result goes through pages and messages of its
//! format. A panic ends the run and names the file and the round; what takes long for its size is listed.

use std::path::Path;
use std::time::Instant;

use guildhall_markup::page::{self, PageOptions};
use guildhall_markup::{Format, Viewer, message_html};

const MARKS: [&str; 24] = [
    "*",
    "**",
    "`",
    "``",
    "::",
    ".. ",
    "_",
    "|",
    "\n\n",
    "   ",
    "> ",
    "- ",
    "[",
    "](",
    "<",
    ">",
    "```",
    ":::{note}\n",
    "=====\n",
    "+--+\n",
    "\t",
    "é",
    "{",
    "$",
];

/// Xorshift: two runs are equal.
struct Luck(u64);

impl Luck {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn place(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }
}

fn broken(text: &str, luck: &mut Luck) -> String {
    let (a, b) = (luck.place(text), luck.place(text));
    let (from, to) = (a.min(b), a.max(b));
    match luck.below(6) {
        0 => text[..a].to_owned(),
        1 => text[a..].to_owned(),
        2 => format!("{}{}", &text[..from], &text[to..]),
        3 => format!("{}{}{}", &text[..to], &text[from..text.floor_char_boundary(to.min(from + 2000))], &text[to..])
            .replace('\u{0}', ""),
        4 => text
            .lines()
            .map(|line| if luck.below(8) == 0 { format!("  {line}\n") } else { format!("{line}\n") })
            .collect(),
        _ => {
            let mut out = text.to_owned();
            for _ in 0..8 {
                let at = luck.place(&out);
                out.insert_str(at, MARKS[luck.below(MARKS.len())]);
            }
            out
        }
    }
}

fn collect(path: &Path, into: &mut Vec<(String, String, Format)>) {
    if path.is_dir() {
        let Ok(entries) = path.read_dir() else { return };
        let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        paths.sort();
        return paths.iter().for_each(|p| collect(p, into));
    }
    let name = path.display().to_string();
    let format = if name.ends_with(".txt") { Some(Format::Rst) } else { Format::of_path(&name) };
    if let (Some(format), Ok(text)) = (format, std::fs::read_to_string(path)) {
        into.push((name, text, format));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(10);
    let mut files = Vec::new();
    arguments.for_each(|arg| collect(Path::new(&arg), &mut files));
    let mut luck = Luck(0x9e37_79b9_7f4a_7c15);
    let (mut bytes, start, mut slow) = (0, Instant::now(), Vec::new());
    for (name, text, format) in &files {
        for round in 0..rounds {
            let text = broken(text, &mut luck);
            bytes += text.len();
            let begin = Instant::now();
            let done = std::panic::catch_unwind(|| {
                let options = PageOptions { source: name, ..PageOptions::default() };
                page::read(&text, *format, &options).write(&options).html.len()
                    + message_html(&text, *format, &Viewer::default()).len()
            });
            let Ok(html) = done else {
                eprintln!("{name} panics in round {round}; the text is in mutate.failed");
                let _ = std::fs::write("mutate.failed", &text);
                std::process::exit(1);
            };
            let time = begin.elapsed().as_secs_f64();
            if time > 0.05 + text.len() as f64 * 2e-6 || html > text.len() * 60 + 100_000 {
                slow.push(format!("{name} round {round}: {} bytes in {time:.2} s, {html} bytes of HTML", text.len()));
            }
        }
    }
    slow.iter().for_each(|line| println!("{line}"));
    let time = start.elapsed().as_secs_f64();
    println!(
        "{} files, {rounds} rounds, {:.1} MB in {time:.1} s: no panic, {} slow",
        files.len(),
        bytes as f64 / 1e6,
        slow.len()
    );
}
