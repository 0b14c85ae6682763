//! The tree of pages, as the side column shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Page;

/// One entry of the navigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub title: String,
    /// The path below the mount; absent for a folder without a page of its own.
    pub path: Option<String>,
    pub entries: Vec<Entry>,
}

#[derive(Default)]
struct Folder<'a> {
    page: Option<&'a Page>,
    below: BTreeMap<&'a str, Folder<'a>>,
}

/// The navigation of these pages: folders as they lie, by `order` and then by title. News are listed elsewhere.
pub fn navigation(pages: &[Page]) -> Vec<Entry> {
    let mut root = Folder::default();
    for page in pages.iter().filter(|page| page.date.is_none()) {
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

fn entry(page: &Page, entries: Vec<Entry>) -> Entry {
    Entry { title: page.title.clone(), path: Some(page.path.clone()), entries }
}

fn below(folder: &Folder<'_>) -> Vec<Entry> {
    let mut entries: Vec<(i64, Entry)> = folder
        .below
        .iter()
        .map(|(name, folder)| match folder.page {
            Some(page) => (page.order, entry(page, below(folder))),
            None => {
                let first = folder.below.values().filter_map(|inner| inner.page).map(|page| page.order).min();
                let title = name.replace(['-', '_'], " ");
                (first.unwrap_or(1000), Entry { title, path: None, entries: below(folder) })
            }
        })
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.title.to_lowercase().cmp(&b.1.title.to_lowercase())));
    entries.into_iter().map(|(_, entry)| entry).collect()
}
