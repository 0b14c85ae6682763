//! Comments (reStructuredText specification, "Comments").

use super::Construct;
use crate::doctree::Kind;
use crate::lines::{self, Cut, Lines};
use crate::parser::Parser;

/// Written after an included file, to know where it ends.
pub(crate) const END_OF_INCLUSION: &str = "end of inclusion from \"";

impl<'a> Parser<'a> {
    pub(super) fn comment(&mut self, lines: &mut Lines<'a>) -> Construct {
        let line = lines.get(lines.at).unwrap_or("..");
        let end = super::super::marker_end(line, 2).unwrap_or(2);
        let next_blank = lines.all.get(lines.at + 1).is_none_or(|next| next.is_blank());
        if next_blank && line[end..].trim().is_empty() {
            lines.at += 1;
            let comment = self.doc.create(Kind::Comment);
            self.doc.set(comment, "xml:space", "preserve");
            return (vec![comment], true);
        }
        if next_blank && line[end..].starts_with(END_OF_INCLUSION) && self.includes.len() > 1 {
            self.includes.pop();
            lines.at += 1;
            return (Vec::new(), true);
        }
        let mut taken = lines.take(Cut { first: Some(end), ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        lines::drop_blank_end(&mut taken.lines);
        let comment = self.create_at(Kind::Comment, taken.place);
        self.doc.set(comment, "xml:space", "preserve");
        if !taken.lines.is_empty() {
            self.doc.add_text(comment, &lines::join(&taken.lines));
        }
        (vec![comment], taken.blank_finish)
    }
}
