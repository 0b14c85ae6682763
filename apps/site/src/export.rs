//! A site as files that need no server: `guildhall site build SRC OUT`.

use std::path::Path;

use chrono::{DateTime, Utc};
use kernel::{Context, Templates, context};

use crate::config::Source;
use crate::generate::{Entry, Form, Made, Page, Wish, generate};
use crate::source;

/// The styles of the theme that a page needs, in their order.
const STYLES: [&str; 5] = ["guildhall.css", "components.css", "reading.css", "prose.css", "accent.css"];

/// Builds `from` into the folder `out`; what was made comes back. Pages are `path/index.html`, so that their addresses
/// are those of the hub.
pub fn export(templates: &Templates, from: &Path, out: &Path, now: DateTime<Utc>) -> anyhow::Result<Made> {
    let place = Source::Place { path: from.to_owned(), branch: String::new(), folder: String::new() };
    let files = source::read(&place).map_err(|why| anyhow::anyhow!(why))?;
    let made = generate(&files.files, &Wish { form: Form::Files { hub: None }, ..Wish::hub("", now) });
    let nav = flat(&made.navigation, 0);
    for page in &made.pages {
        let folder = out.join(&page.path);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("index.html"), html(templates, &made, page, &nav)?)?;
    }
    for (path, asset) in &made.assets {
        let target = out.join(path);
        std::fs::create_dir_all(target.parent().unwrap_or(out))?;
        std::fs::write(target, &asset.bytes)?;
    }
    for name in STYLES {
        if let Some(asset) = templates.theme().asset(name) {
            std::fs::create_dir_all(out.join("_static"))?;
            std::fs::write(out.join("_static").join(name), &asset.bytes)?;
        }
    }
    Ok(made)
}

fn html(templates: &Templates, made: &Made, page: &Page, nav: &[serde_json::Value]) -> anyhow::Result<String> {
    let up = "../".repeat(page.path.split('/').filter(|part| !part.is_empty()).count());
    let up = if up.is_empty() { "./" } else { &up };
    let language = if made.settings.language.is_empty() { "en" } else { &made.settings.language };
    let context: Context = context! {
        title: page.title, html: page.html, nav, up, here: page.path, styles: STYLES, language,
        site_title: made.settings.title,
    };
    Ok(templates.render("site/static.html", &context)?)
}

fn flat(entries: &[Entry], depth: usize) -> Vec<serde_json::Value> {
    let mut out = vec![];
    for entry in entries {
        out.push(serde_json::json!({ "title": entry.title, "path": entry.path, "url": entry.url, "depth": depth }));
        out.extend(flat(&entry.entries, depth + 1));
    }
    out
}
