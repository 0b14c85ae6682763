//! Citation references (reStructuredText specification, "Citation References").

use super::{Found, Scan};
use crate::doctree::Kind;
use crate::doctree::names::normalize;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    /// `[label]_` from `i` to `end`, whose label is no footnote's.
    pub(super) fn citation_reference(&mut self, scan: &Scan<'_>, i: usize, end: usize) -> Found {
        let label = &scan.text[i + "[".len()..end - "]_".len()];
        let node = self.doc.create(Kind::CitationReference);
        self.doc.set_raw_source(node, &scan.text[i..end]);
        self.doc.add_text(node, label);
        self.doc.set(node, "refname", normalize(label));
        self.doc.set_id(node, None);
        self.doc.note_refname(node);
        Found::Nodes(i, end, vec![node])
    }
}
