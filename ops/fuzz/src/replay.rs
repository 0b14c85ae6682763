//! Runs targets: first the corpus, then changes of it drawn from a seed.
//!
//! `replay --list`, `replay [--seconds N | --inputs N] [--seed N] [--failures DIR] TARGET...`, `replay TARGET FILE` for
//! one input.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use guildhall_fuzz::mutate::{Luck, mutate};
use guildhall_fuzz::target;
use guildhall_fuzz::targets::ALL;

/// An input that takes longer hangs.
const HANG: Duration = Duration::from_secs(10);

struct Settings {
    seconds: u64,
    /// How many changed inputs a target gets instead: the same ones on every machine, when the seed is told.
    inputs: Option<u64>,
    seed: u64,
    failures: PathBuf,
    names: Vec<String>,
}

/// The input that is being tried, and since when.
type Current = Arc<Mutex<Option<(String, Vec<u8>, Instant)>>>;

fn settings() -> Settings {
    let luck = RandomState::new().build_hasher().finish();
    let mut settings = Settings { seconds: 5, inputs: None, seed: luck, failures: PathBuf::from("."), names: Vec::new() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|text| text.parse().ok()).unwrap_or_else(|| usage());
        match arg.as_str() {
            "--list" => {
                ALL.iter().for_each(|(name, _)| println!("{name}"));
                exit(0);
            }
            "--seconds" => settings.seconds = number(),
            "--inputs" => settings.inputs = Some(number()),
            "--seed" => settings.seed = number(),
            "--failures" => settings.failures = args.next().unwrap_or_else(|| usage()).into(),
            _ => settings.names.push(arg),
        }
    }
    settings
}

fn usage() -> ! {
    eprintln!("replay --list | [--seconds N | --inputs N] [--seed N] [--failures DIR] TARGET... | TARGET FILE");
    exit(2)
}

fn main() {
    let settings = settings();
    if let [name, file] = settings.names.as_slice()
        && let (Some(run), Ok(data)) = (target(name), std::fs::read(file))
    {
        return run(&data);
    }
    let current = Current::default();
    watch(current.clone(), settings.failures.clone());
    for name in &settings.names {
        let Some(run) = target(name) else {
            eprintln!(
                "There is no target {name:?}; there are: {}",
                ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
            );
            exit(2);
        };
        play(name, run, &settings, &current);
    }
}

/// The corpus, then changes of it until the seconds are over, or as many as were asked for.
fn play(name: &str, run: fn(&[u8]), settings: &Settings, current: &Current) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let samples = read_all(&here.join("corpus").join(name));
    let words = std::fs::read_to_string(here.join("dictionaries").join(name)).unwrap_or_default();
    let words: Vec<Vec<u8>> = words.lines().map(unescape).collect();
    let attempt = |data: Vec<u8>| {
        *lock(current) = Some((name.to_owned(), data.clone(), Instant::now()));
        let done = std::panic::catch_unwind(|| run(&data));
        *lock(current) = None;
        if done.is_err() {
            fail(&settings.failures, name, &data, "panicked");
        }
    };
    let start = Instant::now();
    samples.iter().cloned().for_each(attempt);
    let mut luck = Luck::new(settings.seed);
    let mut changed = 0;
    while settings.inputs.map_or(start.elapsed() < Duration::from_secs(settings.seconds), |inputs| changed < inputs) {
        attempt(mutate(&mut luck, &samples, &words));
        changed += 1;
    }
    println!("{name}: {} of the corpus and {changed} changed ones, seed {}", samples.len(), settings.seed);
}

fn lock(current: &Current) -> std::sync::MutexGuard<'_, Option<(String, Vec<u8>, Instant)>> {
    current.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn read_all(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

/// The `\n`, `\r`, `\t`, `\"`, `\\` and `\xNN` of libFuzzer's dictionaries.
fn unescape(word: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        match (byte, byte == b'\\') {
            (_, false) => out.push(byte),
            (_, true) => match rest.next() {
                Some(b'x') => {
                    let digits: String = rest.by_ref().take(2).map(char::from).collect();
                    out.extend(u8::from_str_radix(&digits, 16));
                }
                Some(b'n') => out.push(b'\n'),
                Some(b'r') => out.push(b'\r'),
                Some(b't') => out.push(b'\t'),
                other => out.extend(other),
            },
        }
    }
    out
}

/// Ends the process when one input takes too long.
fn watch(current: Current, failures: PathBuf) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            if let Some((name, data, since)) = &*lock(&current)
                && since.elapsed() > HANG
            {
                fail(&failures, name, data, "hangs");
            }
        }
    });
}

/// Keeps an input and ends the run.
fn fail(failures: &Path, name: &str, data: &[u8], how: &str) -> ! {
    let hash = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    let path = failures.join(format!("{name}-{hash:016x}"));
    let kept = std::fs::write(&path, data);
    eprintln!(
        "{name} {how}; the input is {} ({kept:?}). Try it alone: replay {name} {}",
        path.display(),
        path.display()
    );
    exit(1)
}
