//! Bullet lists (reStructuredText specification, "Bullet Lists").

use super::{Start, marker_end};
use crate::doctree::{Kind, NodeId};
use crate::lines::{Cut, Lines};
use crate::parser::Parser;

/// The bytes of a bullet and the space after it.
pub(crate) fn marker(line: &str) -> Option<usize> {
    let bullet = line.chars().next().filter(|c| matches!(c, '-' | '+' | '*' | '\u{2022}' | '\u{2023}' | '\u{2043}'))?;
    marker_end(line, bullet.len_utf8())
}

impl<'a> Parser<'a> {
    pub(super) fn bullet_list(&mut self, lines: &mut Lines<'a>, parent: NodeId, end: usize) {
        let bullet = lines.get(lines.at).and_then(|line| line.chars().next()).unwrap_or('-');
        let list = self.create_at(Kind::BulletList, lines.here());
        self.doc.append(parent, list);
        self.doc.set(list, "bullet", bullet.to_string());
        let finish = self.list_item(lines, list, end);
        let finish = self.more_items(lines, list, finish, |parser, lines, start| match start {
            Start::Bullet(end) if lines.get(lines.at)?.starts_with(bullet) => Some(parser.list_item(lines, list, end)),
            _ => None,
        });
        if !finish {
            self.unindent_warning("Bullet list", lines, parent);
        }
    }

    /// One item of a bullet or enumerated list, whose marker takes `end` bytes; true when it ends properly.
    pub(super) fn list_item(&mut self, lines: &mut Lines<'a>, list: NodeId, end: usize) -> bool {
        let place = lines.here();
        let text = lines.get(lines.at).unwrap_or("");
        let columns = text[..end].chars().count();
        let block = (text.len() > end).then_some(columns);
        let taken = lines.take(Cut { first: Some(end), block, ..Cut::default() });
        let item = self.create_at(Kind::ListItem, place);
        self.doc.append(list, item);
        if !taken.lines.is_empty() {
            self.nested(taken.lines, taken.place, item);
        }
        taken.blank_finish
    }
}
