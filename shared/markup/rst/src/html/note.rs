//! Footnotes and citations with their ways back (reStructuredText specification, "Footnotes", "Citations").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn note(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Footnote | Kind::Citation => self.begin_note(node),
            Kind::Label => self.label(node),
            _ => self.note_reference(node),
        }
    }

    /// Neighbours stand in one list.
    fn begin_note(&mut self, node: NodeId) -> Then {
        let kind = self.doc.kind(node);
        let (list, class, role) = match kind {
            Kind::Footnote => ("<aside class=\"footnote-list\">\n", "footnote", "doc-footnote"),
            // The role `doc-biblioentry` is deprecated; an item of a list is what DPUB-ARIA 1.1 asks for.
            _ => ("<div class=\"citation-list\" role=\"list\">\n", "citation", "listitem"),
        };
        if self.doc.prev_sibling(node).is_none_or(|n| self.doc.kind(n) != kind) {
            self.out.push_str(list);
        }
        self.begin("div", node, &[class]);
        self.attribute("role", role);
        self.end();
        self.more_ids(node);
        self.out.push('\n');
        close("</div>\n")
    }

    pub(super) fn end_note(&mut self, node: NodeId) {
        let kind = self.doc.kind(node);
        if self.doc.next_sibling(node).is_none_or(|n| self.doc.kind(n) != kind) {
            self.out.push_str(if kind == Kind::Footnote { "</aside>\n" } else { "</div>\n" });
        }
    }

    fn label(&mut self, node: NodeId) -> Then {
        let backrefs = self.doc.parent(node).map_or(&[][..], |p| self.doc.list(p, "backrefs")).to_vec();
        self.out.push_str("<span class=\"label\">[");
        let text = super::escape(&self.doc.text_of(node));
        match backrefs.as_slice() {
            [only] => self.back_link(only, &text),
            _ => self.out.push_str(&text),
        }
        self.out.push(']');
        if backrefs.len() > 1 {
            self.out.push_str(" <span class=\"backrefs\">(");
            for (id, number) in backrefs.iter().zip(1..) {
                if number > 1 {
                    self.out.push(',');
                }
                self.back_link(id, &number.to_string());
            }
            self.out.push_str(")</span>");
        }
        self.out.push_str("</span>\n");
        Then::Done
    }

    fn back_link(&mut self, id: &str, text: &str) {
        self.out.push_str("<a role=\"doc-backlink\"");
        self.local_href(id);
        self.end();
        self.out.push_str(text);
        self.out.push_str("</a>");
    }

    fn note_reference(&mut self, node: NodeId) -> Then {
        let (class, role) = match self.doc.kind(node) {
            Kind::FootnoteReference => ("footnote-reference", "doc-noteref"),
            _ => ("citation-reference", "doc-biblioref"),
        };
        let Some(id) = self.doc.get(node, "refid").map(str::to_owned) else {
            self.open("span", node, &[class]);
            self.out.push('[');
            return close("]</span>");
        };
        self.begin("a", node, &[class]);
        self.attribute("role", role);
        self.local_href(&id);
        self.end();
        self.out.push('[');
        close("]</a>")
    }
}
