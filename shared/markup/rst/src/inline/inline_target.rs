//! Inline targets (reStructuredText specification, "Inline Internal Targets").

use super::delimited::End;
use super::{Found, Scan};
use crate::doctree::Kind;
use crate::doctree::names::normalize;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn inline_target(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let found = self.simple_markup(scan, i, 2, End::Target, Kind::Target);
        if let Found::Nodes(.., nodes) = &found
            && let [node] = nodes[..]
            && self.doc.kind(node) == Kind::Target
        {
            let name = normalize(&self.doc.text_of(node));
            self.doc.push(node, "names", name);
            self.doc.note_explicit_target(node, Some(self.node));
        }
        found
    }
}
