//! Headings: sections where sections may stand, rubrics elsewhere.

use pulldown_cmark::{CowStr, HeadingLevel};
use rst::Kind;
use rst::doctree::names::normalize;

use super::builder::{Builder, Frame, Opened};

impl Builder<'_> {
    pub(super) fn start_heading(&mut self, level: HeadingLevel, id: Option<CowStr<'_>>, classes: &[CowStr<'_>]) {
        self.close_implied();
        let level = level as u8;
        let (owner, title) = if self.at_section_level() {
            while self.sections.last().is_some_and(|(outer, _)| *outer >= level) {
                self.sections.pop();
            }
            let section = self.add(Kind::Section);
            self.doc.set(section, "level", i64::from(level));
            self.sections.push((level, section));
            let title = self.doc.add(section, Kind::Title);
            self.doc.set_line(title, self.line());
            (section, title)
        } else {
            let rubric = self.add(Kind::Rubric);
            self.doc.set(rubric, "heading-level", i64::from(level));
            (rubric, rubric)
        };
        self.stack.push(Frame { node: title, opened: Opened::Event });
        if let Some(id) = id {
            self.doc.push(owner, "ids", id.as_ref());
        }
        for class in classes {
            self.doc.add_class(owner, class);
        }
    }

    pub(super) fn end_heading(&mut self) {
        let Some(title) = self.close() else { return };
        let owner = self.doc.parent(title).filter(|_| self.doc.kind(title) == Kind::Title).unwrap_or(title);
        let text = self.doc.text_of(title);
        let own = self.doc.ids(owner).first().cloned();
        let id = self.unique(own.unwrap_or_else(|| slug(&text)));
        self.doc.set(owner, "ids", vec![id]);
        if self.doc.kind(owner) == Kind::Section {
            self.doc.push(owner, "names", normalize(&text));
            self.doc.note_implicit_target(owner, None);
        }
    }

    fn unique(&mut self, base: String) -> String {
        let count = self.slugs.entry(base.clone()).or_default();
        *count += 1;
        let mut number = *count - 1;
        let mut id = if number == 0 { base.clone() } else { format!("{base}-{number}") };
        while number > 0 && self.slugs.contains_key(&id) {
            number += 1;
            id = format!("{base}-{number}");
        }
        if number > 0 {
            self.slugs.insert(base, number + 1);
            self.slugs.insert(id.clone(), 1);
        }
        id
    }
}

/// The identifier of a heading as GitHub makes it, so that links written for GitHub lead to it.
pub(crate) fn slug(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    for c in title.trim().chars() {
        match c {
            ' ' | '\n' => out.push('-'),
            '-' | '_' => out.push(c),
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
    if out.is_empty() { "section".to_owned() } else { out }
}
