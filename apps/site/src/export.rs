//! A site as files that need no server: `guildhall site build SRC OUT`.

use std::path::Path;

use chrono::{DateTime, Utc};
use kernel::{Context, Templates, context};

use crate::config::Source;
use crate::generate::{Entry, Made, Page, generate, navigation};
use crate::source;

/// Builds `from` into the folder `out`; what was made comes back. Pages are `path/index.html`, so that their addresses
/// are those of the hub.
pub fn export(templates: &Templates, from: &Path, out: &Path, now: DateTime<Utc>) -> anyhow::Result<Made> {
    let place = Source::Place { path: from.to_owned(), branch: String::new(), folder: String::new() };
    let files = source::read(&place).map_err(|why| anyhow::anyhow!(why))?;
    let made = generate(&files.files, "", false, now);
    let nav = flat(&navigation(&made.pages), 0);
    for page in &made.pages {
        let folder = out.join(&page.path);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("index.html"), html(templates, page, &nav)?)?;
    }
    for (path, bytes) in &made.assets {
        let target = out.join(path);
        std::fs::create_dir_all(target.parent().unwrap_or(out))?;
        std::fs::write(target, bytes)?;
    }
    for name in ["guildhall.css", "components.css", "reading.css", "accent.css"] {
        if let Some(asset) = templates.theme().asset(name) {
            std::fs::create_dir_all(out.join("_static"))?;
            std::fs::write(out.join("_static").join(name), &asset.bytes)?;
        }
    }
    Ok(made)
}

fn html(templates: &Templates, page: &Page, nav: &[serde_json::Value]) -> anyhow::Result<String> {
    let up = "../".repeat(page.path.split('/').filter(|part| !part.is_empty()).count());
    let context: Context = context! { title: page.title, html: relative(&page.html, &up), nav, up, here: page.path };
    Ok(templates.render("site/static.html", &context)?)
}

/// Links from the root of the site become relative ones, so that the files work from any place.
fn relative(html: &str, up: &str) -> String {
    let up = if up.is_empty() { "./" } else { up };
    html.replace("href=\"/", &format!("href=\"{up}")).replace("src=\"/", &format!("src=\"{up}"))
}

fn flat(entries: &[Entry], depth: usize) -> Vec<serde_json::Value> {
    let mut out = vec![];
    for entry in entries {
        out.push(serde_json::json!({ "title": entry.title, "path": entry.path, "depth": depth }));
        out.extend(flat(&entry.entries, depth + 1));
    }
    out
}
