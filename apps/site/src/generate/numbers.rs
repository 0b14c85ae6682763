//! Numbers of sections (`numbered` toctrees) and of things with captions (`numref`).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::contents::{Contents, Item, Part};
use super::facts::Facts;

/// The numbers of a site.
#[derive(Default)]
pub struct Numbers {
    /// Source and identifier of a heading to its number, `1.2`.
    sections: HashMap<(String, String), String>,
    /// Source and identifier of a thing with a caption to its word and number: `Fig.`, `3`.
    captioned: HashMap<(String, String), (&'static str, String)>,
    /// Source to the numbers of its things with captions, in the order of the page.
    in_order: HashMap<String, Vec<String>>,
}

impl Numbers {
    /// Counts everything, in the order of the toctrees or of the names.
    pub fn of(pages: &BTreeMap<&str, &Facts>, contents: &Contents, numfig: bool) -> Self {
        let mut numbers = Self::default();
        let mut seen = HashSet::new();
        for source in &contents.order {
            let Some(facts) = pages.get(source.as_str()) else { continue };
            for (ordinal, toctree) in facts.toctrees.iter().enumerate() {
                let Some(depth) = toctree.numbered else { continue };
                let mut next = 0;
                for item in contents.items(source, ordinal) {
                    let Item::Page { source: inner, .. } = item else { continue };
                    if !seen.contains(inner.as_str()) {
                        next += 1;
                        numbers.page(pages, contents, inner, &[next], depth, &mut seen);
                    }
                }
            }
        }
        if numfig || pages.values().any(|facts| facts.refers_by_number) {
            numbers.count_captions(pages, contents);
        }
        numbers
    }

    fn page(
        &mut self,
        pages: &BTreeMap<&str, &Facts>,
        contents: &Contents,
        source: &str,
        number: &[u32],
        depth: i64,
        seen: &mut HashSet<String>,
    ) {
        let Some(facts) = pages.get(source) else { return };
        if !seen.insert(source.to_owned()) || number.len() as i64 > depth || number.len() > 20 {
            return;
        }
        if let Some(title) = facts.toc.first().filter(|heading| heading.level == 1) {
            self.section(source, &title.id, number);
        }
        let parts = contents.outline(source, facts);
        self.parts(pages, contents, (source, facts), &parts, number, depth, seen);
    }

    #[expect(clippy::too_many_arguments, reason = "one recursion over the outline, with all that it hands down")]
    fn parts(
        &mut self,
        pages: &BTreeMap<&str, &Facts>,
        contents: &Contents,
        (source, facts): (&str, &Facts),
        parts: &[Part<'_>],
        above: &[u32],
        depth: i64,
        seen: &mut HashSet<String>,
    ) {
        let mut next = 0;
        for part in parts {
            let number = |next: u32| [above, &[next]].concat();
            match part {
                Part::Heading(at, inner) => {
                    next += 1;
                    let number = number(next);
                    if number.len() as i64 <= depth {
                        self.section(source, &facts.toc[*at].id, &number);
                        self.parts(pages, contents, (source, facts), inner, &number, depth, seen);
                    }
                }
                Part::Item(Item::Page { source: inner, .. }) if !seen.contains(inner) => {
                    next += 1;
                    self.page(pages, contents, inner, &number(next), depth, seen);
                }
                Part::Item(..) => {}
            }
        }
    }

    fn section(&mut self, source: &str, id: &str, number: &[u32]) {
        let text = number.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        self.sections.insert((source.to_owned(), id.to_owned()), text);
    }

    /// Figures count through the site, or within the first part of the section's number where pages are numbered.
    fn count_captions(&mut self, pages: &BTreeMap<&str, &Facts>, contents: &Contents) {
        let known: HashSet<&str> = contents.order.iter().map(String::as_str).collect();
        let rest = pages.keys().copied().filter(|source| !known.contains(source));
        let mut counters: HashMap<(&'static str, String), u32> = HashMap::new();
        for source in contents.order.iter().map(String::as_str).chain(rest) {
            let Some(facts) = pages.get(source) else { continue };
            let title = facts.toc.first().map(|heading| heading.id.as_str()).unwrap_or_default();
            let chapter = self.section_number(source, title).and_then(|number| number.split('.').next());
            let chapter = chapter.unwrap_or_default().to_owned();
            for thing in &facts.captioned {
                let counter = counters.entry((thing.word, chapter.clone())).or_default();
                *counter += 1;
                let number = if chapter.is_empty() { counter.to_string() } else { format!("{chapter}.{counter}") };
                for id in &thing.ids {
                    self.captioned.insert((source.to_owned(), id.clone()), (thing.word, number.clone()));
                }
                self.in_order.entry(source.to_owned()).or_default().push(number);
            }
        }
    }

    /// The number of a heading.
    pub fn section_number(&self, source: &str, id: &str) -> Option<&str> {
        self.sections.get(&(source.to_owned(), id.to_owned())).map(String::as_str)
    }

    /// The word and the number of a thing with a caption.
    pub fn caption(&self, source: &str, id: &str) -> Option<(&'static str, &str)> {
        self.captioned.get(&(source.to_owned(), id.to_owned())).map(|(word, number)| (*word, number.as_str()))
    }

    /// The numbers of a page's things with captions, in the order of the page.
    pub fn captions_of(&self, source: &str) -> &[String] {
        self.in_order.get(source).map_or(&[], Vec::as_slice)
    }

    /// Whether sections are numbered at all.
    pub fn has_sections(&self) -> bool {
        !self.sections.is_empty()
    }
}
