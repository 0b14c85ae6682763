//! The order of pages that toctrees make: who stands below whom, circles, and what is missing.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::facts::{Facts, Toctree};
use super::files::fits;
use super::{Warning, index::Names};

/// One line of a toctree, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Page {
        source: String,
        title: String,
    },
    /// Another site.
    Link {
        url: String,
        title: String,
    },
}

/// A part of the outline of a page: one of its headings, or a page that a toctree puts there.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// A heading by its place in the list of headings, with what stands below it.
    Heading(usize, Vec<Part<'a>>),
    Item(&'a Item),
}

/// All toctrees of a site.
#[derive(Default)]
pub struct Contents {
    /// Source to the found lines of each of its toctrees.
    items: HashMap<String, Vec<Vec<Item>>>,
    /// The page at the top, when it has a toctree.
    pub root: Option<String>,
    /// Sources in the order in which they are read.
    pub order: Vec<String>,
}

/// The most lines of one toctree on a page, those of pages below counted.
pub const MOST_LINES: usize = 5_000;
/// Pages below pages.
const DEEPEST: usize = 50;

impl Contents {
    /// Finds what the toctrees name.
    pub fn of(pages: &BTreeMap<&str, &Facts>, names: &Names<'_>, warnings: &mut Vec<Warning>) -> Self {
        let mut contents = Self::default();
        for (source, facts) in pages.iter().filter(|(_, facts)| !facts.toctrees.is_empty()) {
            let found = facts.toctrees.iter().map(|toctree| items(source, toctree, names, warnings)).collect();
            contents.items.insert((*source).to_owned(), found);
        }
        let root = names.at("").filter(|root| contents.items.contains_key(*root));
        if let Some(root) = root {
            let mut walk = Walk { contents: &contents, pages, above: vec![], seen: HashSet::new(), order: vec![] };
            walk.enter(root, warnings);
            let (seen, order) = (walk.seen, walk.order);
            for (source, facts) in pages {
                let elsewhere = facts.meta.get("date").is_some() || facts.is_marked("orphan");
                if !seen.contains(*source) && !elsewhere && *source != root {
                    warnings.push(Warning::new(
                        source,
                        0,
                        "No toctree leads to this page. Name it in one, or say `:orphan:`.",
                    ));
                }
            }
            contents.order = order;
            contents.root = Some(root.to_owned());
        }
        contents
    }

    /// The found lines of a toctree.
    pub fn items(&self, source: &str, ordinal: usize) -> &[Item] {
        self.items.get(source).and_then(|all| all.get(ordinal)).map_or(&[], Vec::as_slice)
    }

    /// A page's headings below its title, with the pages that its toctrees put between them.
    pub fn outline<'a>(&'a self, source: &str, facts: &'a Facts) -> Vec<Part<'a>> {
        let first = usize::from(facts.toc.first().is_some_and(|heading| heading.level == 1));
        let placed = |id: Option<&str>| -> Vec<Part<'a>> {
            let here = facts.toctrees.iter().enumerate().filter(|(_, toctree)| match id {
                Some(id) => toctree.section.as_deref() == Some(id),
                None => self.stands_at_top(facts, toctree, first),
            });
            here.flat_map(|(n, _)| self.items(source, n).iter().map(Part::Item)).collect()
        };
        let mut at = first;
        let mut parts = placed(None);
        parts.extend(below(facts, &mut at, 1, &placed));
        parts
    }

    /// Whether a toctree stands in no heading but the title.
    fn stands_at_top(&self, facts: &Facts, toctree: &Toctree, first: usize) -> bool {
        let Some(section) = &toctree.section else { return true };
        !facts.toc[first..].iter().any(|heading| heading.id == *section)
    }
}

fn below<'a>(
    facts: &'a Facts,
    at: &mut usize,
    level: u8,
    placed: &impl Fn(Option<&str>) -> Vec<Part<'a>>,
) -> Vec<Part<'a>> {
    let mut parts = vec![];
    while let Some(heading) = facts.toc.get(*at).filter(|heading| heading.level > level || level == 1) {
        let here = *at;
        *at += 1;
        let mut inner = placed(Some(&heading.id));
        if heading.level < 12 {
            inner.extend(below(facts, at, heading.level.max(2), placed));
        }
        parts.push(Part::Heading(here, inner));
    }
    parts
}

fn items(source: &str, toctree: &Toctree, names: &Names<'_>, warnings: &mut Vec<Warning>) -> Vec<Item> {
    let mut found = vec![];
    let mut taken = HashSet::new();
    for (title, target) in &toctree.entries {
        let title = title.clone();
        if target.contains("://") {
            found
                .push(Item::Link { url: target.clone(), title: if title.is_empty() { target.clone() } else { title } });
        } else if target == "self" {
            found.push(Item::Page { source: source.to_owned(), title });
        } else if toctree.glob && target.contains(['*', '?']) {
            let pattern = super::files::resolve(source, target).unwrap_or_default();
            let mut fitting: Vec<&str> =
                names.documents().filter(|(name, _)| fits(&pattern, name)).map(|(_, s)| s).collect();
            if toctree.reversed {
                fitting.reverse();
            }
            if fitting.is_empty() {
                warnings.push(Warning::new(
                    source,
                    toctree.line,
                    format!("The toctree's pattern {target:?} fits no page."),
                ));
            }
            for page in fitting.into_iter().filter(|page| *page != source && taken.insert(*page)) {
                found.push(Item::Page { source: page.to_owned(), title: String::new() });
            }
        } else if let Some(page) = names.page(source, target) {
            taken.insert(page);
            found.push(Item::Page { source: page.to_owned(), title });
        } else if !super::index::is_made(target) {
            warnings.push(Warning::new(
                source,
                toctree.line,
                format!("The toctree names {target:?}, and there is no such page."),
            ));
        }
    }
    found
}

struct Walk<'a> {
    contents: &'a Contents,
    pages: &'a BTreeMap<&'a str, &'a Facts>,
    above: Vec<&'a str>,
    seen: HashSet<&'a str>,
    order: Vec<String>,
}

impl<'a> Walk<'a> {
    fn enter(&mut self, source: &str, warnings: &mut Vec<Warning>) {
        let Some((&source, &facts)) = self.pages.get_key_value(source) else { return };
        if !self.seen.insert(source) || self.above.len() > DEEPEST {
            return;
        }
        self.order.push(source.to_owned());
        self.above.push(source);
        for (ordinal, toctree) in facts.toctrees.iter().enumerate() {
            for item in self.contents.items(source, ordinal) {
                let Item::Page { source: inner, .. } = item else { continue };
                if let Some(at) = self.above.iter().position(|above| above == inner).filter(|_| inner != source) {
                    let circle: Vec<&str> = self.above[at..].iter().copied().chain([inner.as_str()]).collect();
                    let text = format!("The toctrees go in a circle: {}.", circle.join(" -> "));
                    warnings.push(Warning::new(source, toctree.line, text));
                    continue;
                }
                self.enter(inner, warnings);
            }
        }
        self.above.pop();
    }
}
