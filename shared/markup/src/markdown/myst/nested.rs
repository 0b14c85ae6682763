//! Markdown inside a directive: read by a builder of its own, which borrows the books of the page.

use std::rc::Rc;

use rst::{Kind, NodeId};

use crate::markdown::Options;
use crate::markdown::builder::{Builder, Frame, Opened};

impl Builder<'_> {
    /// Reads Markdown into an element, with the books of this page.
    pub(super) fn nested(&mut self, body: &str, line: u32, into: NodeId) {
        let body = super::fences(body);
        let lines_before = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
        let options = Options { lines_before, ..*self.options };
        let mut inner = Builder::new(&body, &options);
        self.lend(&mut inner);
        inner.stack.push(Frame { node: into, opened: Opened::Event });
        inner.read();
        inner.close_implied();
        self.take_back(&mut inner);
    }

    /// Reads one line of Markdown into a text element.
    pub(super) fn inline_into(&mut self, text: &str, into: NodeId) {
        let inside = self.doc.create(Kind::Container);
        self.nested(text, self.line(), inside);
        let first = self.doc.first_child(inside);
        if let Some(paragraph) = first.filter(|&n| self.doc.kind(n) == Kind::Paragraph) {
            self.doc.move_children(paragraph, into);
        } else {
            self.doc.add_text(into, text);
        }
    }

    fn lend(&mut self, inner: &mut Builder<'_>) {
        std::mem::swap(&mut self.doc, &mut inner.doc);
        std::mem::swap(&mut self.notes, &mut inner.notes);
        std::mem::swap(&mut self.note_order, &mut inner.note_order);
        std::mem::swap(&mut self.slugs, &mut inner.slugs);
        inner.links = Rc::clone(&self.links);
        inner.directives = self.directives + 1;
        inner.grafted = self.grafted;
    }

    fn take_back(&mut self, inner: &mut Builder<'_>) {
        std::mem::swap(&mut self.doc, &mut inner.doc);
        std::mem::swap(&mut self.notes, &mut inner.notes);
        std::mem::swap(&mut self.note_order, &mut inner.note_order);
        std::mem::swap(&mut self.slugs, &mut inner.slugs);
        self.grafted |= inner.grafted;
    }
}
