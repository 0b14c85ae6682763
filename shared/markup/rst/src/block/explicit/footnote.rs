//! Footnotes (reStructuredText specification, "Footnotes").

use super::Construct;
use crate::doctree::names::normalize;
use crate::doctree::{Kind, Level};
use crate::inline::simple_name;
use crate::lines::{Cut, Lines};
use crate::parser::Parser;

/// True for `1`, `#`, `#name` and `*`.
pub(super) fn is_label(label: &str) -> bool {
    match label.strip_prefix('#') {
        Some(name) => name.is_empty() || simple_name(name) == Some(name.len()),
        None => label == "*" || (!label.is_empty() && label.bytes().all(|b| b.is_ascii_digit())),
    }
}

impl<'a> Parser<'a> {
    pub(super) fn footnote(&mut self, lines: &mut Lines<'a>, label: &str, end: usize) -> Construct {
        let place = lines.here();
        let taken = lines.take(Cut { first: Some(end), ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        let footnote = self.create_at(Kind::Footnote, place);
        let name = normalize(label);
        let named = match (name.strip_prefix('#'), name.as_str()) {
            (Some(name), _) => {
                self.doc.set(footnote, "auto", 1);
                if !name.is_empty() {
                    self.doc.push(footnote, "names", name);
                }
                self.doc.set_id(footnote, None);
                self.doc.targets.auto_footnotes.push(footnote);
                !name.is_empty()
            }
            (None, "*") => {
                self.doc.set(footnote, "auto", "*");
                self.doc.set_id(footnote, None);
                self.doc.targets.symbol_footnotes.push(footnote);
                false
            }
            (None, name) => {
                self.doc.add_with_text(footnote, Kind::Label, label);
                self.doc.push(footnote, "names", name);
                self.doc.note_footnote(footnote);
                true
            }
        };
        match named {
            true => self.doc.note_explicit_target(footnote, Some(footnote)),
            false => drop(self.doc.set_id(footnote, Some(footnote))),
        }
        match taken.lines.is_empty() {
            false => self.nested(taken.lines, taken.place, footnote),
            true => {
                let message = self.report(Level::Warning, "Footnote content expected.", self.outer);
                self.doc.append(footnote, message);
            }
        }
        (vec![footnote], taken.blank_finish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_footnotes() {
        for (label, is) in
            [("1", true), ("#", true), ("#a-b", true), ("*", true), ("a", false), ("#a b", false), ("", false)]
        {
            assert_eq!(is_label(label), is, "{label}");
        }
    }
}
