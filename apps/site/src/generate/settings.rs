//! `site.toml` in the root of a source: what the site says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Tree, Warning};

/// The file that holds the settings; it is not shown.
pub const NAME: &str = "site.toml";

/// What a site says of itself. Everything is optional; nothing here can harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub title: String,
    /// One sentence on what the site is.
    pub description: String,
    pub version: String,
    /// The language of the pages: `en`.
    pub language: String,
    /// Whether figures, tables and code with a caption are numbered; a page that says `numref` turns it on as well.
    pub numfig: bool,
    /// Role to address and words, each with one `%s`.
    pub extlinks: BTreeMap<String, Extlink>,
    /// Name to the other project.
    pub intersphinx: BTreeMap<String, Other>,
}

/// One role of Sphinx's `extlinks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extlink {
    pub url: String,
    #[serde(default)]
    pub caption: String,
}

/// A project whose descriptions may be referred to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    pub url: String,
    /// Its `objects.inv`, a file of this source.
    pub inventory: String,
}

/// The settings of a source; what cannot be read is a warning.
pub fn read(files: &Tree, warnings: &mut Vec<Warning>) -> Settings {
    let Some(file) = files.get(NAME) else { return Settings::default() };
    let text = String::from_utf8_lossy(&file.bytes);
    toml::from_str(&text).unwrap_or_else(|error| {
        let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        warnings.push(Warning::new(NAME, line, format!("{}; the file is passed over.", error.message().trim_end())));
        Settings::default()
    })
}
