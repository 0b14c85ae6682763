//! Footnote references (reStructuredText specification, "Footnote References").

use super::{Found, Scan, simple_name};
use crate::doctree::Kind;
use crate::doctree::names::normalize;
use crate::parser::Parser;

/// True for a label that is neither a number nor an automatic one.
fn is_citation(label: &str) -> bool {
    !label.starts_with(['#', '*']) && !label.bytes().all(|b| b.is_ascii_digit())
}

impl<'a> Parser<'a> {
    /// A bracket: a footnote reference, or a citation reference when its label is one.
    pub(super) fn footnote_reference(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let rest = &scan.text[i + 1..];
        let length = match rest.as_bytes().first() {
            Some(b'*') => 1,
            Some(b'#') => 1 + simple_name(&rest[1..]).unwrap_or(0),
            _ => simple_name(rest).unwrap_or(0),
        };
        let end = i + 1 + length + 2;
        if length == 0 || !rest[length..].starts_with("]_") || !scan.may_begin(i) || !scan.may_end(end) {
            return Found::Nothing(i + 1);
        }
        let label = &rest[..length];
        if is_citation(label) {
            return self.citation_reference(scan, i, end);
        }
        let name = normalize(label);
        let node = self.doc.create(Kind::FootnoteReference);
        self.doc.set_raw_source(node, &scan.text[i..end]);
        let refname = match name.strip_prefix('#') {
            Some(name) => {
                self.doc.set(node, "auto", 1);
                self.doc.set_id(node, None);
                self.doc.targets.auto_footnote_references.push(node);
                name
            }
            None if name == "*" => {
                self.doc.set(node, "auto", "*");
                self.doc.set_id(node, None);
                self.doc.targets.symbol_footnote_references.push(node);
                ""
            }
            None => {
                self.doc.add_text(node, label);
                &name
            }
        };
        if !refname.is_empty() {
            self.doc.set(node, "refname", refname);
            self.doc.set_id(node, None);
            self.doc.note_refname(node);
        }
        self.trim_space_before(scan, i);
        Found::Nodes(i, end, vec![node])
    }

    /// Drops the space before a footnote reference, when the caller asks for that (docutils:
    /// `trim_footnote_reference_space`).
    fn trim_space_before(&mut self, scan: &mut Scan<'_>, i: usize) {
        if !self.options.trim_footnote_space {
            return;
        }
        let from = scan.start.max(scan.plain);
        let begin = from + scan.text[from..i].trim_end().len();
        if begin < i {
            self.plain_text(scan, scan.plain, begin);
            scan.plain = i;
        }
    }
}
