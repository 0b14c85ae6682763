//! System messages without a place ("Docutils Transforms", universal.Messages).

use super::Work;
use crate::doctree::{Kind, NodeId};

impl Work<'_, '_> {
    /// Messages since the one of this number that stand nowhere in the tree.
    pub(super) fn loose(&self, from: usize) -> Vec<NodeId> {
        let messages = self.doc.messages[from.min(self.doc.messages.len())..].iter().map(|message| message.node);
        messages.filter(|&node| self.doc.parent(node).is_none()).collect()
    }

    /// Puts messages without a place into a section at the end.
    pub(super) fn messages(&mut self) {
        let loose = self.loose(0);
        if loose.is_empty() {
            return;
        }
        let root = self.doc.root();
        let section = self.doc.add(root, Kind::Section);
        self.doc.add_class(section, "system-messages");
        self.doc.add_with_text(section, Kind::Title, "Docutils System Messages");
        for message in loose {
            self.doc.append(section, message);
        }
        self.parsed = self.doc.messages.len();
    }
}
