//! Citations (reStructuredText specification, "Citations").

use super::Construct;
use crate::doctree::names::normalize;
use crate::doctree::{Kind, Level};
use crate::lines::{Cut, Lines};
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn citation(&mut self, lines: &mut Lines<'a>, label: &str, end: usize) -> Construct {
        let place = lines.here();
        let taken = lines.take(Cut { first: Some(end), ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        let citation = self.create_at(Kind::Citation, place);
        self.doc.add_with_text(citation, Kind::Label, label);
        self.doc.push(citation, "names", normalize(label));
        self.doc.targets.citations.push(citation);
        self.doc.note_explicit_target(citation, Some(citation));
        match taken.lines.is_empty() {
            false => self.nested(taken.lines, taken.place, citation),
            true => {
                let message = self.report(Level::Warning, "Citation content expected.", self.outer);
                self.doc.append(citation, message);
            }
        }
        (vec![citation], taken.blank_finish)
    }
}
