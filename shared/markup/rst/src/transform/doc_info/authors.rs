//! The field `authors`: names in one line, in paragraphs, or in a list (reStructuredText specification, "Bibliographic
//! Fields").

use super::super::Work;
use super::Field;
use crate::doctree::{Kind, NodeId};

impl Work<'_, '_> {
    /// Makes the authors of a field; false when it must stay a field.
    pub(super) fn take_authors(&mut self, field: &Field, info: NodeId) -> bool {
        let Some(authors) = self.authors(field).filter(|authors| !authors.is_empty()) else {
            let name = &field.shown;
            let text = format!(
                "Cannot extract \"{name}\" from bibliographic field:\nBibliographic field \"{name}\" must contain either\n a single paragraph (with author names separated by a character from the set \";,\"),\n multiple paragraphs (one per author),\n or a bullet list with one author name per item.\nNote: Leading initials can cause (mis)recognizing names as enumerated list."
            );
            self.warn_field(field, &text);
            return false;
        };
        let node = self.doc.add(info, Kind::Authors);
        for author in authors {
            self.doc.append(node, author);
        }
        true
    }

    /// One element an author.
    fn authors(&mut self, field: &Field) -> Option<Vec<NodeId>> {
        let children: Vec<NodeId> = self.doc.children(field.body).collect();
        if let [only] = children[..] {
            return match self.doc.kind(only) {
                Kind::Paragraph => self.authors_in_line(only),
                Kind::BulletList => {
                    let items: Vec<NodeId> = self.doc.children(only).collect();
                    let alone = |item: NodeId| {
                        let mut inner = self.doc.children(item);
                        inner.next().filter(|_| inner.next().is_none())
                    };
                    let paragraphs: Option<Vec<NodeId>> = items.into_iter().map(alone).collect();
                    self.authors_in_paragraphs(&paragraphs?)
                }
                _ => None,
            };
        }
        self.authors_in_paragraphs(&children)
    }

    fn authors_in_paragraphs(&mut self, paragraphs: &[NodeId]) -> Option<Vec<NodeId>> {
        let mut authors = Vec::new();
        for &paragraph in paragraphs {
            match self.doc.kind(paragraph) {
                Kind::Comment => {}
                Kind::Paragraph => {
                    let author = self.doc.create(Kind::Author);
                    self.doc.move_children(paragraph, author);
                    authors.push(author);
                }
                _ => return None,
            }
        }
        Some(authors)
    }

    fn authors_in_line(&mut self, paragraph: NodeId) -> Option<Vec<NodeId>> {
        let mut text = String::new();
        let mut escaped = Vec::new();
        for node in self.doc.descendants(paragraph).filter(|&n| self.doc.kind(n) == Kind::Text) {
            escaped.extend(self.doc.escapes_in(node).iter().map(|(at, _)| at + text.len()));
            text.push_str(self.doc.text(node));
        }
        let split = |mark: char| {
            let at = |(i, c): (usize, char)| (c == mark && !escaped.contains(&i)).then_some(i);
            text.char_indices().filter_map(at).collect::<Vec<usize>>()
        };
        let marks = [split(';'), split(',')].into_iter().find(|marks| !marks.is_empty()).unwrap_or_default();
        let mut start = 0;
        let mut authors = Vec::new();
        for end in marks.into_iter().chain([text.len()]) {
            let name = text[start..end].trim();
            start = (end + 1).min(text.len());
            if !name.is_empty() {
                let author = self.doc.create(Kind::Author);
                self.doc.add_text(author, name);
                authors.push(author);
            }
        }
        Some(authors)
    }
}
