//! Files in, pages out. Pure: the same files give the same site.
//!
//! Every page is read first; then its labels and those of all others are known, and it is written with its references
//! resolved.

mod files;
mod navigation;
mod resolve;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use markup::{Format, PageOptions};
use serde::{Deserialize, Serialize};

pub use navigation::{Entry, navigation};
use resolve::{Index, PageResolver};

/// A page that was made.
#[derive(Clone, Debug)]
pub struct Page {
    /// Below the mount, without a slash at either end; the first page is empty: `install/debian`.
    pub path: String,
    /// Where it comes from: `install/debian.md`.
    pub source: String,
    pub title: String,
    pub html: String,
    /// Its words, for the index.
    pub text: String,
    pub toc: Vec<Heading>,
    /// The day of a piece of news.
    pub date: Option<NaiveDate>,
    /// The first words, for lists and feeds.
    pub summary: String,
    /// Where it stands among its neighbours: lower first, then by title.
    pub order: i64,
    /// Other addresses that lead here.
    pub redirects: Vec<String>,
}

/// A heading of a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub title: String,
}

/// Something that is wrong in the source; the site is made nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub source: String,
    /// Counted from 1; 0 when it is the whole file.
    pub line: usize,
    pub text: String,
}

/// A site that was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    pub pages: Vec<Page>,
    /// Everything that is no page, by path: images, downloads.
    pub assets: BTreeMap<String, Vec<u8>>,
    pub warnings: Vec<Warning>,
}

/// Makes the site of these files, which will stand at `mount`.
pub fn generate(files: &BTreeMap<String, Vec<u8>>, mount: &str, trusted: bool, now: DateTime<Utc>) -> Made {
    let mut made = Made::default();
    let mut sources = vec![];
    for (name, bytes) in files {
        match Format::of_path(name) {
            Some(format) if format != Format::Plain => match text(bytes) {
                (text, true) => sources.push((name.as_str(), format, text)),
                (text, false) => {
                    made.warnings.push(warning(name, 0, "The file is not UTF-8; what cannot be read is shown as �."));
                    sources.push((name.as_str(), format, text));
                }
            },
            _ => {
                made.assets.insert(name.clone(), bytes.clone());
            }
        }
    }
    let tree = files::Tree { files };
    let day = today(now);
    let options =
        |source| PageOptions { source, trusted, files: Some(&tree), now: Some(day), ..PageOptions::default() };
    let mut trees = vec![];
    for (name, format, text) in &sources {
        let read = markup::page::read(text, *format, &options(name));
        if !read.meta.is_true("draft") {
            trees.push((*name, read));
        }
    }
    let index = Index::of(mount, &trees, files);
    made.warnings.extend(index.clashes());
    for (name, tree) in &trees {
        let resolver = PageResolver { index: &index, source: name };
        let output = tree.write(&PageOptions { resolver: Some(&resolver), ..options(name) });
        made.warnings.extend(output.warnings.iter().map(|told| warning(name, told.line, &told.text)));
        made.pages.push(page(name, output));
    }
    made
}

fn today(now: DateTime<Utc>) -> rst::Now {
    let small = |n: u32| u8::try_from(n).unwrap_or(0);
    rst::Now {
        year: now.year(),
        month: small(now.month()),
        day: small(now.day()),
        hour: small(now.hour()),
        minute: small(now.minute()),
        second: small(now.second()),
    }
}

fn page(source: &str, output: markup::PageOutput) -> Page {
    let path = files::address(source);
    let title = output.title.clone().unwrap_or_else(|| {
        let last = path.rsplit('/').next().unwrap_or_default();
        if last.is_empty() { "Start".into() } else { last.replace(['-', '_'], " ") }
    });
    let summary = output.meta.get("summary").or(output.meta.get("description")).map_or_else(
        || markup::excerpt(output.text.strip_prefix(title.as_str()).unwrap_or(&output.text).trim(), 240),
        str::to_owned,
    );
    Page {
        date: output.meta.get("date").and_then(|date| date.get(..10)?.parse().ok()),
        order: output.meta.get("order").or(output.meta.get("weight")).and_then(|n| n.parse().ok()).unwrap_or(1000),
        redirects: output.meta.list("redirect_from").iter().map(|from| from.trim_matches('/').to_owned()).collect(),
        toc: output.toc.into_iter().map(|h| Heading { level: h.level, id: h.id, title: h.title }).collect(),
        source: source.to_owned(),
        html: output.html,
        text: output.text,
        path,
        title,
        summary,
    }
}

fn warning(source: &str, line: usize, text: &str) -> Warning {
    Warning { source: source.to_owned(), line, text: text.to_owned() }
}

/// The text of a file, and whether it was UTF-8.
fn text(bytes: &[u8]) -> (String, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), false),
    }
}

#[cfg(test)]
mod tests;
