//! Files in, pages out. Pure: the same files give the same site.
//!
//! Every page is read first ([`facts`]); then all that pages offer each other is known ([`index`]), the order of pages
//! too ([`contents`]), and each page is written with its references resolved ([`write`]). [`Memory`] keeps what one
//! build learnt, so that the next writes only what its files change.

mod contents;
mod facts;
mod files;
mod general;
mod index;
mod lists;
mod memory;
mod navigation;
mod numbers;
mod resolve;
mod settings;
mod write;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use files::{SourceFile, Tree, tree_of};
pub(crate) use memory::rst_now;
pub use memory::{Memory, generate};
pub use navigation::Entry;
pub use settings::Settings;

/// What a page is, besides its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A page of the source, or a list that was made.
    #[default]
    Page,
    /// It lists the news.
    News,
    /// It lists what bears a tag.
    Tag(String),
}

/// A page that was made.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Page {
    /// Below the mount, without a slash at either end; the first page is empty: `install/debian`.
    pub path: String,
    /// Where it comes from: `install/debian.md`; empty for a page that the generator adds.
    pub source: String,
    pub kind: Kind,
    pub title: String,
    pub html: String,
    /// Its words, for the index.
    pub text: String,
    pub toc: Vec<Heading>,
    /// The day of a piece of news.
    pub date: Option<NaiveDate>,
    pub tags: Vec<String>,
    /// The first words, for lists and feeds.
    pub summary: String,
    /// Where it stands among its neighbours: lower first, then by title.
    pub order: i64,
    /// Other addresses that lead here.
    pub redirects: Vec<String>,
    /// Shown in previews only.
    pub draft: bool,
    /// What its living references name, as text that mentions it: `#12`.
    pub mentions: Vec<String>,
}

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub title: String,
}

/// Something that is wrong in the source; the site is made nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Warning {
    pub source: String,
    /// Counted from 1; 0 when it is the whole file.
    pub line: usize,
    pub text: String,
}

impl Warning {
    pub(crate) fn new(source: &str, line: usize, text: impl Into<String>) -> Self {
        Self { source: source.to_owned(), line, text: text.into() }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.source, self.text),
            line => write!(f, "{}:{line}: {}", self.source, self.text),
        }
    }
}

/// A file that is no page.
#[derive(Clone, Debug)]
pub struct Asset {
    pub bytes: Arc<[u8]>,
}

/// A site that was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    pub settings: Settings,
    pub pages: Vec<Arc<Page>>,
    /// Everything that is no page, by path: images, downloads, `objects.inv`.
    pub assets: BTreeMap<String, Asset>,
    pub navigation: Vec<Entry>,
    pub warnings: Vec<Warning>,
    /// How many pages were written; the others stand as they were.
    pub written: usize,
}

/// How links are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Addresses of the hub, below the mount.
    Hub,
    /// Files that work without a server. What belongs to a hub leads to this one, or nowhere.
    Files { hub: Option<String> },
}

/// What is wanted of the generator besides the files.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where the site stands, without a slash at the end.
    pub mount: String,
    /// Whether raw HTML of the source is taken over.
    pub trusted: bool,
    /// Whether drafts are shown.
    pub drafts: bool,
    pub form: Form,
    pub now: DateTime<Utc>,
}

impl Wish {
    /// Pages of a hub at `mount`.
    pub fn hub(mount: &str, now: DateTime<Utc>) -> Self {
        Self { mount: mount.to_owned(), trusted: false, drafts: false, form: Form::Hub, now }
    }
}

/// The same for the same value within one program.
pub(crate) fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
