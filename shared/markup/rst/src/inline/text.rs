//! Text without markup: its references are found, its escapes go (reStructuredText specification, "Escaping
//! Mechanism").

use super::Scan;
use crate::doctree::NodeId;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    /// Puts a stretch of text without explicit markup into the tree.
    pub(super) fn plain_text(&mut self, scan: &Scan<'_>, from: usize, to: usize) {
        let text = &scan.text[from..to.max(from)];
        if !text.is_empty() {
            self.standalone_hyperlinks(scan, text);
        }
    }

    /// A text node, its escapes gone unless the caller of the scan keeps them.
    pub(super) fn text_node(&mut self, scan: &Scan<'_>, text: &str) {
        if text.is_empty() {
            return;
        }
        let start = self.doc.text_mark();
        match scan.keep_escapes {
            true => self.doc.text_buffer().push_str(text),
            false => self.unescape_noting(text),
        }
        let node: NodeId = self.doc.create_text_since(start);
        self.doc.append(scan.into, node);
    }

    /// Appends a text without its escapes to the buffer, and notes where they stood.
    fn unescape_noting(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            self.doc.text_buffer().push_str(&rest[..at]);
            let mut chars = rest[at + 1..].chars();
            match chars.next() {
                None => {}
                Some(' ' | '\n') => self.doc.note_escape(true),
                Some(c) => {
                    if matches!(c, '-' | '\\' | '\'' | '"' | '.' | '`' | ';' | ',') {
                        self.doc.note_escape(false);
                    }
                    self.doc.text_buffer().push(c);
                }
            }
            rest = chars.as_str();
        }
        self.doc.text_buffer().push_str(rest);
    }
}
