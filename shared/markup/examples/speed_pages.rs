//! Megabytes a second of reading and writing pages: `cargo run --release --example speed_pages -- DIR...`
//!
//! Takes every `.md`, `.rst` and `.txt` file below the directories, all in memory before the clock starts.

use std::path::Path;
use std::time::Instant;

use guildhall_markup::page::{self, PageOptions};
use guildhall_markup::{Format, Viewer, message_html};

struct Source {
    path: String,
    text: String,
    format: Format,
}

fn collect(path: &Path, into: &mut Vec<Source>) {
    if path.is_dir() {
        let Ok(entries) = path.read_dir() else { return };
        entries.flatten().for_each(|entry| collect(&entry.path(), into));
        return;
    }
    let path = path.display().to_string();
    let format = if path.ends_with(".txt") { Some(Format::Rst) } else { Format::of_path(&path) };
    let Some(format) = format else { return };
    if let Ok(text) = std::fs::read_to_string(&path) {
        into.push(Source { path, text, format });
    }
}

fn main() {
    let mut sources = Vec::new();
    std::env::args().skip(1).for_each(|arg| collect(Path::new(&arg), &mut sources));
    // The grammars are loaded once in a process.
    guildhall_markup::highlight("x", "python");
    for format in [Format::Markdown, Format::Rst] {
        let of_format: Vec<&Source> = sources.iter().filter(|s| s.format == format).collect();
        if !of_format.is_empty() {
            measure(format, &of_format);
        }
    }
}

fn measure(format: Format, sources: &[&Source]) {
    let bytes: usize = sources.iter().map(|s| s.text.len()).sum();
    let megabytes = bytes as f64 / 1e6;
    let (mut read_time, mut write_time, mut html) = (0.0, 0.0, 0);
    let mut slowest = (0.0, "");
    for source in sources {
        let options = PageOptions { source: &source.path, ..PageOptions::default() };
        let start = Instant::now();
        let tree = page::read(&source.text, format, &options);
        let read = start.elapsed().as_secs_f64();
        let start = Instant::now();
        html += tree.write(&options).html.len();
        let write = start.elapsed().as_secs_f64();
        read_time += read;
        write_time += write;
        let rate = (read + write) / (source.text.len() + 1000) as f64;
        if rate > slowest.0 {
            slowest = (rate, &source.path);
        }
    }
    let start = Instant::now();
    let viewer = Viewer::default();
    let messages: usize = sources.iter().map(|s| message_html(&s.text, format, &viewer).len()).sum();
    let message_time = start.elapsed().as_secs_f64();
    println!("{}: {} files, {megabytes:.1} MB, {:.1} MB of HTML", format.name(), sources.len(), html as f64 / 1e6);
    println!("  read     {read_time:7.3} s  {:8.1} MB/s", megabytes / read_time);
    println!("  write    {write_time:7.3} s  {:8.1} MB/s", megabytes / write_time);
    println!(
        "  messages {message_time:7.3} s  {:8.1} MB/s  ({:.1} MB of HTML)",
        megabytes / message_time,
        messages as f64 / 1e6
    );
    println!("  slowest for its size: {}", slowest.1);
}
