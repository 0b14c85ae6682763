//! Definition lists (reStructuredText specification, "Definition Lists").

use super::{Start, is_rule};
use crate::doctree::{Kind, Level, NodeId};
use crate::inline::unescape;
use crate::lines::{Cut, Lines, Place};
use crate::parser::Parser;

impl<'a> Parser<'a> {
    /// A list whose first term is the next line.
    pub(super) fn definition_list(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        let list = self.create_at(Kind::DefinitionList, lines.here());
        let finish = self.definition_list_item(lines, list);
        self.doc.append(parent, list);
        let finish = self.more_items(lines, list, finish, |parser, lines, start| {
            let next = lines.get(lines.at + 1)?;
            (start == Start::Text && next.starts_with(' ') && !next.trim().is_empty() && !is_rule(next))
                .then(|| parser.definition_list_item(lines, list))
        });
        if !finish {
            self.unindent_warning("Definition list", lines, parent);
        }
    }

    fn definition_list_item(&mut self, lines: &mut Lines<'a>, list: NodeId) -> bool {
        let (place, below) = (lines.here(), lines.place(lines.at + 1));
        let term = lines.get(lines.at).unwrap_or("");
        lines.at += 1;
        let taken = lines.take(Cut::default());
        self.stand_at(lines, lines.at.saturating_sub(1));
        let item = self.create_at(Kind::DefinitionListItem, place);
        self.doc.append(list, item);
        let messages = self.term(term, place, item);
        let definition = self.create_at(Kind::Definition, below);
        self.doc.append(item, definition);
        self.append_all(definition, messages);
        if term.ends_with("::") {
            let text =
                "Blank line missing before literal block (after the \"::\")? Interpreted as a definition list item.";
            let message = self.report(Level::Info, text, below);
            self.doc.append(definition, message);
        }
        self.nested(taken.lines, taken.place, definition);
        taken.blank_finish
    }

    /// A term and the classifiers after it, as children of `item`.
    pub(crate) fn term(&mut self, text: &str, place: Place, item: NodeId) -> Vec<NodeId> {
        let term = self.create_at(Kind::Term, place);
        self.doc.append(item, term);
        if !text.contains(" : ") {
            return self.inline(text, place, term);
        }
        let raw = self.doc.create(Kind::Term);
        let messages = self.inline_keeping_escapes(text, place, raw);
        let mut last = term;
        while let Some(child) = self.doc.first_child(raw) {
            if self.doc.kind(child) != Kind::Text {
                self.doc.append(last, child);
                continue;
            }
            self.doc.detach(child);
            let text = self.doc.text(child).to_owned();
            let parts = split_classifiers(&text);
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    last = self.doc.add(item, Kind::Classifier);
                }
                let part = if i == 0 && parts.len() > 1 { part.trim_end() } else { part };
                self.doc.add_text(last, &unescape(part));
            }
        }
        messages
    }
}

/// Splits at colons with space on both sides.
fn split_classifiers(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(at) = text[from..].find(" : ").map(|at| at + from) {
        let before = text[..at].trim_end_matches(' ').len();
        let after = at + 3 + text[at + 3..].bytes().take_while(|b| *b == b' ').count();
        parts.push(&text[start..before.max(start)]);
        (start, from) = (after, after);
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classifiers_need_space_around_the_colon() {
        assert_eq!(split_classifiers("a : b  :  c: d"), ["a", "b", "c: d"]);
        assert_eq!(split_classifiers("a"), ["a"]);
    }
}
