//! The files of the project's site, and when each came.

use chrono::{DateTime, Duration, Utc};

use super::marks::fill;
use super::year::Names;

/// Path below the site's folder, and text.
pub type File = (&'static str, String);

macro_rules! files {
    ($($path:literal),* $(,)?) => { [$(($path, include_str!(concat!("text/site/", $path)))),*] };
}

const FILES: [(&str, &str); 18] = files![
    "index.md",
    "docs/contributing.md",
    "docs/defects.rst",
    "docs/imap.rst",
    "docs/index.rst",
    "docs/install.rst",
    "docs/messages.rst",
    "docs/moth.md",
    "docs/releases.rst",
    "docs/sending.md",
    "docs/testing.md",
    "docs/tutorial.md",
    "news/2-4.md",
    "news/2-4-1.md",
    "news/2-5.md",
    "news/2-6.md",
    "news/2-6-1.md",
    "news/brno.md",
];
const LAST: (&str, &str) = ("news/thirty-days.md", include_str!("text/site/news/thirty-days.md"));

/// The files in groups: those of the first build, then every piece of news on its day.
pub fn all(names: &Names<'_>) -> anyhow::Result<Vec<(DateTime<Utc>, Vec<File>)>> {
    let mut groups = vec![(names.end - Duration::days(364), vec![])];
    for (path, text) in FILES.into_iter().chain([LAST]) {
        let days = text.split_once("{day ").and_then(|(_, rest)| rest.split_once('}')).map(|(days, _)| days);
        let text = fill(text, "day", |days| {
            let days = Duration::days(days.parse().ok()?);
            Some((names.end - days).format("%Y-%m-%d").to_string())
        })?;
        match days {
            None => groups[0].1.push((path, text)),
            Some(days) => groups.push((names.at(days, "20:30")?, vec![(path, text)])),
        }
    }
    Ok(groups)
}
