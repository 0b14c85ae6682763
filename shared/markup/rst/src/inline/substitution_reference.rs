//! Substitution references (reStructuredText specification, "Substitution References").

use super::delimited::End;
use super::{Found, Scan};
use crate::doctree::Kind;
use crate::doctree::names::{collapse, normalize};
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn substitution_reference(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let found = self.simple_markup(scan, i, 1, End::Substitution, Kind::SubstitutionReference);
        let Found::Nodes(begin, end, nodes) = found else { return found };
        let [node] = nodes[..] else { return Found::Nodes(begin, end, nodes) };
        if self.doc.kind(node) != Kind::SubstitutionReference {
            return Found::Nodes(begin, end, nodes);
        }
        let text = self.doc.text_of(node);
        self.doc.set(node, "refname", collapse(&text));
        let marks = scan.text[begin..end].bytes().rev().take_while(|b| *b == b'_').count();
        if marks == 0 {
            return Found::Nodes(begin, end, nodes);
        }
        let reference = self.doc.create(Kind::Reference);
        self.doc.set_raw_source(reference, &scan.text[begin..end]);
        match marks {
            1 => {
                self.doc.set(reference, "refname", normalize(&text));
                self.doc.note_refname(reference);
            }
            _ => self.doc.set(reference, "anonymous", 1),
        }
        self.doc.append(reference, node);
        Found::Nodes(begin, end, vec![reference])
    }
}
