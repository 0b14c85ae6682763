//! Literal blocks, indented and quoted (reStructuredText specification, "Literal Blocks").

use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{self, Cut, Lines};
use crate::parser::Parser;

impl<'a> Parser<'a> {
    /// The literal block that a paragraph ending in `::` announced.
    pub(super) fn literal_block(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        let start = lines.at;
        let mut taken = lines.take(Cut::default());
        lines::drop_blank_end(&mut taken.lines);
        if taken.lines.is_empty() {
            lines.at = start;
            return self.quoted_literal_block(lines, parent);
        }
        self.stand_at(lines, lines.at.saturating_sub(1));
        let block = self.create_at(Kind::LiteralBlock, taken.place);
        self.doc.append(parent, block);
        self.doc.set(block, "xml:space", "preserve");
        self.doc.add_text(block, &lines::join(&taken.lines));
        if !taken.blank_finish {
            self.unindent_warning("Literal block", lines, parent);
        }
    }

    fn quoted_literal_block(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        while lines.current().is_some_and(|line| line.is_blank()) {
            lines.at += 1;
        }
        let start = lines.at;
        let quote = lines.current().and_then(|line| line.text.chars().next()).filter(char::is_ascii_punctuation);
        let Some(quote) = quote else {
            let message = self.report(Level::Warning, "Literal block expected; none found.", lines.here());
            self.doc.append(parent, message);
            return;
        };
        while lines.current().is_some_and(|line| line.text.starts_with(quote)) {
            lines.at += 1;
        }
        let block = self.create_at(Kind::LiteralBlock, lines.place(start));
        self.doc.append(parent, block);
        self.doc.set(block, "xml:space", "preserve");
        self.doc.add_text(block, &lines::join(&lines.all[start..lines.at]));
        let Some(next) = lines.current().filter(|line| !line.is_blank()) else { return };
        let text = match next.text.starts_with(' ') {
            true => "Unexpected indentation.",
            false => "Inconsistent literal block quoting.",
        };
        let message = self.report(Level::Error, text, next.place);
        self.doc.append(parent, message);
    }
}
