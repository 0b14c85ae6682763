//! Doctest blocks (reStructuredText specification, "Doctest Blocks").

use super::marker_end;
use crate::doctree::{Kind, NodeId};
use crate::lines::{self, Lines};
use crate::parser::Parser;

pub(super) fn marker(line: &str) -> bool {
    line.starts_with(">>>") && marker_end(line, 3).is_some()
}

impl<'a> Parser<'a> {
    pub(super) fn doctest_block(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        let place = lines.here();
        let start = lines.at;
        while lines.current().is_some_and(|line| !line.is_blank()) {
            lines.at += 1;
        }
        let block = self.create_at(Kind::DoctestBlock, place);
        self.doc.append(parent, block);
        self.doc.set(block, "xml:space", "preserve");
        self.doc.add_text(block, &lines::join(&lines.all[start..lines.at]));
    }
}
