//! Building with what the last build learnt.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Timelike, Utc};
use markup::{Format, PageOptions, PageTree};

use super::facts::Facts;
use super::files::Included;
use super::index::Index;
use super::write::{Written, roles, write};
use super::{Asset, Made, Page, Settings, Tree, Warning, Wish, digest, lists, navigation, settings};

/// What one build leaves for the next. Empty, everything is made anew; the outcome is the same.
#[derive(Default)]
pub struct Memory {
    known: BTreeMap<String, Known>,
    /// What a change of which makes all anew: settings, mount, rights.
    frame: u64,
    /// The names of all files.
    names: u64,
}

/// One source.
struct Known {
    digest: u64,
    facts: Facts,
    written: Option<Written>,
}

/// Makes the site of these files.
pub fn generate(files: &Tree, wish: &Wish) -> Made {
    Memory::default().generate(files, wish)
}

/// Pages that were read in this build.
type Trees = BTreeMap<String, PageTree>;

impl Memory {
    /// Makes the site of these files; only what they change is read and written.
    pub fn generate(&mut self, files: &Tree, wish: &Wish) -> Made {
        let mut warnings = vec![];
        let settings = settings::read(files, &mut warnings);
        self.begin(files, wish, &settings);
        let roles = roles(&settings);
        let (mut trees, changed) = self.read(files, wish, &roles);
        let drafts = wish.drafts;
        let shown = |facts: &Facts| drafts || !facts.is_marked("draft");
        let pages: BTreeMap<&str, &Facts> = self
            .known
            .iter()
            .filter(|(_, known)| shown(&known.facts))
            .map(|(source, known)| (source.as_str(), &known.facts))
            .collect();
        let mut index = Index::of(wish, &settings, files, pages, &mut warnings);
        index.made = lists::addresses(&index);
        let mut fresh: Vec<(String, Written)> = vec![];
        for source in index.pages.keys() {
            let known = &self.known[*source];
            let holds = known.written.as_ref().is_some_and(|written| !changed || written.still_holds(&index, source));
            if holds {
                continue;
            }
            let included = Included::of(files);
            let options = options(source, wish, &roles, &included);
            let tree = trees.remove(*source).unwrap_or_else(|| read_page(files, source, &options));
            fresh.push(((*source).to_owned(), write(&index, source, tree, &options)));
        }
        let mut made = Made { written: fresh.len(), ..Made::default() };
        let anew: BTreeMap<&str, &Written> = fresh.iter().map(|(source, written)| (source.as_str(), written)).collect();
        let mut taken = HashSet::new();
        for source in index.pages.keys() {
            let Some(written) = anew.get(source).copied().or(self.known[*source].written.as_ref()) else { continue };
            warnings.extend(written.warnings.iter().cloned());
            // Of two pages of one address the first is shown.
            if taken.insert(written.page.path.clone()) {
                made.pages.push(written.page.clone());
            }
        }
        finish(&mut made, &index, files);
        warnings.extend(not_utf8(files, &index));
        warnings.sort();
        warnings.dedup();
        made.warnings = warnings;
        drop(index);
        for (source, written) in fresh {
            if let Some(known) = self.known.get_mut(&source) {
                known.written = Some(written);
            }
        }
        made.settings = settings;
        made
    }

    /// Forgets what no longer holds.
    fn begin(&mut self, files: &Tree, wish: &Wish, settings: &Settings) {
        let inventories: Vec<_> =
            settings.intersphinx.values().map(|other| files.get(&other.inventory).map(|file| file.digest)).collect();
        let form = (&wish.mount, wish.trusted, wish.drafts, format!("{:?}", wish.form));
        let frame = digest(&(form, format!("{settings:?}"), inventories));
        if frame != self.frame {
            self.known.clear();
            self.frame = frame;
        }
    }

    /// Reads what changed; whether any of it matters to other pages.
    fn read(&mut self, files: &Tree, wish: &Wish, roles: &[&str]) -> (Trees, bool) {
        let names = digest(&files.keys().collect::<Vec<_>>());
        let mut changed = std::mem::replace(&mut self.names, names) != names;
        self.known.retain(|source, _| files.contains_key(source) && format_of(source).is_some());
        let mut trees = Trees::new();
        for (source, file) in files.iter().filter(|(source, _)| format_of(source).is_some()) {
            let known = self.known.get(source);
            let reads_hold = |facts: &Facts| {
                facts.reads.iter().all(|(path, digest)| files.get(path).map(|file| file.digest) == *digest)
            };
            if known.is_some_and(|known| known.digest == file.digest && reads_hold(&known.facts)) {
                continue;
            }
            let included = Included::of(files);
            let tree = read_page(files, source, &options(source, wish, roles, &included));
            let facts = Facts::of(&tree, included.reads.into_inner());
            changed |= known.is_none_or(|known| known.facts != facts);
            self.known.insert(source.clone(), Known { digest: file.digest, facts, written: None });
            trees.insert(source.clone(), tree);
        }
        (trees, changed)
    }
}

fn format_of(source: &str) -> Option<Format> {
    Format::of_path(source).filter(|format| *format != Format::Plain)
}

/// The moment as the reST parser takes it, in UTC.
pub(crate) fn rst_now(now: DateTime<Utc>) -> rst::Now {
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

fn options<'a>(source: &'a str, wish: &Wish, roles: &'a [&'a str], files: &'a Included<'a>) -> PageOptions<'a> {
    let now = rst_now(wish.now);
    PageOptions { source, trusted: wish.trusted, files: Some(files), now: Some(now), roles, ..PageOptions::default() }
}

fn read_page(files: &Tree, source: &str, options: &PageOptions<'_>) -> PageTree {
    let bytes = files.get(source).map_or(&[][..], |file| &file.bytes);
    let format = format_of(source).unwrap_or_default();
    markup::page::read(&String::from_utf8_lossy(bytes), format, options)
}

fn not_utf8(files: &Tree, index: &Index<'_>) -> Vec<Warning> {
    let broken = |source: &&&str| files.get(**source).is_some_and(|file| std::str::from_utf8(&file.bytes).is_err());
    let text = "The file is not UTF-8; what cannot be read is shown as �.";
    index.pages.keys().filter(broken).map(|source| Warning::new(source, 0, text)).collect()
}

/// What is made of all pages together: navigation, lists, files, `objects.inv`.
fn finish(made: &mut Made, index: &Index<'_>, files: &Tree) {
    // Lists stand in the navigation before they are made: they list what the navigation has below them.
    let empty = |path: &String| {
        Arc::new(Page { path: path.clone(), title: lists::words_of(path), order: 1000, ..Page::default() })
    };
    let outside = |path: &&String| path.starts_with("news") || **path == super::index::GENERAL || path.is_empty();
    let folders: Vec<Arc<Page>> = index.made.iter().filter(|path| !outside(path)).map(empty).collect();
    let all = made.pages.iter().chain(&folders).map(AsRef::as_ref);
    made.navigation = navigation::navigation(index, all);
    let lists = lists::pages(index, &made.navigation, &made.pages);
    if let Some(front) = lists.iter().find(|page| page.path.is_empty()) {
        let title = front.title.clone();
        made.navigation.insert(0, super::Entry { title, path: Some(String::new()), ..super::Entry::default() });
    }
    made.pages.extend(lists);
    for (name, file) in files.iter().filter(|(name, _)| !index.pages.contains_key(name.as_str())) {
        // Drafts and settings are no downloads.
        if format_of(name).is_some() || name == settings::NAME {
            continue;
        }
        made.assets.insert(name.clone(), Asset { bytes: file.bytes.clone() });
    }
    let inventory: Arc<[u8]> = index.inventory().write().into();
    made.assets.insert("objects.inv".into(), Asset { bytes: inventory });
}
