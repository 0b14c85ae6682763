//! Footnote and citation references (reStructuredText specification, "Footnote References", "Citation References").

use super::{Found, Scan, simple_name};
use crate::doctree::Kind;
use crate::doctree::names::normalize;
use crate::parser::Parser;

impl<'a> Parser<'a> {
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
        let name = normalize(label);
        let begin = match self.options.trim_footnote_space && !is_citation(label) {
            true => scan.start.max(scan.plain) + scan.text[scan.start.max(scan.plain)..i].trim_end().len(),
            false => i,
        };
        let kind = if is_citation(label) { Kind::CitationReference } else { Kind::FootnoteReference };
        let node = self.doc.create(kind);
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
        if begin < i {
            self.plain_text(scan, scan.plain, begin);
            scan.plain = i;
        }
        Found::Nodes(i, end, vec![node])
    }
}

fn is_citation(label: &str) -> bool {
    !label.starts_with(['#', '*']) && !label.bytes().all(|b| b.is_ascii_digit())
}
