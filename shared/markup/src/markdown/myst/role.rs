//! Roles: `{name}` before a code span (MyST, "Roles").

use rst::{Kind, NodeId};

use crate::markdown::builder::Builder;

impl Builder<'_> {
    /// Takes `{name}` off the text before a code span and puts what the role means; false when there is none.
    pub(in crate::markdown) fn role(&mut self, code: &str) -> bool {
        let Some(at) = self.text.rfind('{') else { return false };
        let name = &self.text[at + 1..self.text.len() - 1];
        let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.' | b'+');
        if name.is_empty() || !name.bytes().all(sound) || !name.as_bytes()[0].is_ascii_alphabetic() {
            return false;
        }
        let name = name.to_owned();
        self.text.truncate(at);
        if name == "math" {
            self.leaf(Kind::Math, code);
            return true;
        }
        self.flush();
        self.want_inline();
        let source = format!(":{name}:`{}`", code.replace('\\', "\\\\"));
        let fragment = self.read_rst(&source);
        let place = self.doc.create(Kind::Container);
        self.graft(&fragment, place, self.line());
        let children: Vec<NodeId> = self.doc.children(place).collect();
        let top = self.top();
        for child in children {
            match self.doc.kind(child) {
                Kind::Paragraph => self.doc.move_children(child, top),
                // A message stands where a block may stand: behind the paragraph.
                Kind::SystemMessage => self.after_paragraph(child),
                _ => self.doc.append(top, child),
            }
        }
        self.grafted = true;
        true
    }

    fn after_paragraph(&mut self, message: NodeId) {
        let paragraph = self.stack.iter().map(|f| f.node).find(|&n| self.doc.kind(n).is_text_element());
        if let Some(paragraph) = paragraph.filter(|&n| self.doc.kind(n) == Kind::Paragraph) {
            self.doc.insert_after(paragraph, message);
        }
    }
}
