//! Parses files cut and changed at places drawn from a seed: `mutate SEED ROUNDS FILE...`. A panic names the file,
//! a parse of more than two seconds is printed.

#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use guildhall_rst::{Dialect, Options, parse};

/// Marsaglia's xorshift: the same seed draws the same places.
struct Luck(u64);

impl Luck {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap_or(0) % limit.max(1)
    }
}

const PIECES: [&str; 20] = [
    "*", "`", "_", "|", "\\", "\n", "\n\n", "   ", "::", "..", "\n.. ", "\n- ", "<", ">", "+--+", "====", "[", "]_",
    ":a:", "é",
];

fn main() {
    let mut args = std::env::args().skip(1);
    let mut number = || args.next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    let (mut luck, rounds) = (Luck(number().max(1)), number());
    let files: Vec<String> = args.collect();
    let mut parsed = 0_u64;
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        for round in 0..rounds {
            let mut changed = text.clone();
            if round % 2 == 0 {
                let from = changed.floor_char_boundary(luck.below(changed.len() + 1) / 2);
                let to = changed.floor_char_boundary(from + luck.below(changed.len() - from + 1));
                changed = changed[from..to.max(from)].to_owned();
            }
            for _ in 0..luck.below(12) {
                let at = changed.floor_char_boundary(luck.below(changed.len() + 1));
                let to = changed.floor_char_boundary((at + luck.below(9)).min(changed.len()));
                changed.replace_range(at..to.max(at), PIECES[luck.below(PIECES.len())]);
            }
            let dialect = if round % 4 < 2 { Dialect::Docutils } else { Dialect::Sphinx };
            let start = Instant::now();
            let done = std::panic::catch_unwind(|| parse(&changed, &Options { dialect, ..Options::new(path) }).len());
            if done.is_err() || start.elapsed() > Duration::from_secs(2) {
                println!(
                    "{path}: round {round}, {:?}, {} bytes, panicked: {}",
                    start.elapsed(),
                    changed.len(),
                    done.is_err()
                );
            }
            parsed += 1;
        }
    }
    println!("{parsed} texts made of {} files", files.len());
}
