//! The tree of pages, as the side column shows it.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::contents::Item;
use super::index::Index;
use super::{Kind, Page};

/// One entry of the navigation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub title: String,
    /// The path below the mount; absent for a caption, a folder without a page of its own, or another site.
    pub path: Option<String>,
    /// The address of another site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
}

#[derive(Default)]
struct Folder<'a> {
    page: Option<&'a Page>,
    below: BTreeMap<&'a str, Folder<'a>>,
}

/// The navigation by toctrees, when the first page has one; else by folders.
pub fn navigation<'a>(index: &Index<'_>, pages: impl Iterator<Item = &'a Page> + Clone) -> Vec<Entry> {
    match &index.contents.root {
        Some(root) => {
            let by_source =
                pages.filter(|page| !page.source.is_empty()).map(|page| (page.source.as_str(), page)).collect();
            Toctrees { index, pages: by_source, seen: HashSet::new() }.all(root)
        }
        None => by_folders(pages),
    }
}

struct Toctrees<'a> {
    index: &'a Index<'a>,
    pages: HashMap<&'a str, &'a Page>,
    seen: HashSet<String>,
}

impl Toctrees<'_> {
    fn all(&mut self, root: &str) -> Vec<Entry> {
        self.seen.insert(root.to_owned());
        let first = self.pages.get(root).map(|page| entry(page, vec![]));
        first.into_iter().chain(self.below(root)).collect()
    }

    /// What the toctrees of a page name; a caption stands above its own.
    fn below(&mut self, source: &str) -> Vec<Entry> {
        let index = self.index;
        let Some(facts) = index.pages.get(source) else { return vec![] };
        let mut entries = vec![];
        for (ordinal, toctree) in facts.toctrees.iter().enumerate() {
            let below: Vec<Entry> =
                index.contents.items(source, ordinal).iter().filter_map(|item| self.item(item)).collect();
            match &toctree.caption {
                Some(caption) if !below.is_empty() => {
                    entries.push(Entry { title: caption.clone(), entries: below, ..Entry::default() });
                }
                _ => entries.extend(below),
            }
        }
        entries
    }

    fn item(&mut self, item: &Item) -> Option<Entry> {
        match item {
            Item::Link { url, title } => {
                Some(Entry { title: title.clone(), url: Some(url.clone()), ..Entry::default() })
            }
            Item::Page { source, title } => {
                let page = *self.pages.get(source.as_str())?;
                if !self.seen.insert(source.clone()) {
                    return None;
                }
                let mut entry = entry(page, self.below(source));
                if !title.is_empty() {
                    entry.title.clone_from(title);
                }
                if let Some(number) = self.index.number_of_page(source) {
                    entry.title = format!("{number} {}", entry.title);
                }
                Some(entry)
            }
        }
    }
}

/// Folders as they lie, by `order` and then by title. News are listed elsewhere.
fn by_folders<'a>(pages: impl Iterator<Item = &'a Page>) -> Vec<Entry> {
    let mut root = Folder::default();
    for page in pages.filter(|page| page.date.is_none() && listed(page)) {
        let mut folder = &mut root;
        for part in page.path.split('/').filter(|part| !part.is_empty()) {
            folder = folder.below.entry(part).or_default();
        }
        folder.page = Some(page);
    }
    let mut entries: Vec<Entry> = root.page.map(|page| entry(page, vec![])).into_iter().collect();
    entries.extend(below(&root));
    entries
}

fn listed(page: &Page) -> bool {
    !matches!(page.kind, Kind::Tag(_)) && page.path != "404"
}

fn entry(page: &Page, entries: Vec<Entry>) -> Entry {
    Entry { title: page.title.clone(), path: Some(page.path.clone()), url: None, entries }
}

fn below(folder: &Folder<'_>) -> Vec<Entry> {
    let mut entries: Vec<(i64, Entry)> = folder
        .below
        .iter()
        .map(|(name, folder)| {
            let first = || folder.below.values().filter_map(|inner| inner.page).map(|page| page.order).min();
            match folder.page {
                Some(page) if page.source.is_empty() => (first().unwrap_or(page.order), entry(page, below(folder))),
                Some(page) => (page.order, entry(page, below(folder))),
                None => {
                    let title = super::lists::words_of(name);
                    (first().unwrap_or(1000), Entry { title, entries: below(folder), ..Entry::default() })
                }
            }
        })
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.title.to_lowercase().cmp(&b.1.title.to_lowercase())));
    entries.into_iter().map(|(_, entry)| entry).collect()
}
