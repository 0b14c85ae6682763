//! System messages: those without a place, and those not wanted ("Docutils Transforms", universal.Messages,
//! universal.FilterMessages, universal.TestMessages).

use std::collections::HashSet;

use super::Work;
use crate::doctree::{Kind, NodeId};

impl Work<'_, '_> {
    fn loose(&self, from: usize) -> Vec<NodeId> {
        let messages = self.doc.messages[from.min(self.doc.messages.len())..].iter().map(|message| message.node);
        messages.filter(|&node| self.doc.parent(node).is_none()).collect()
    }

    /// Puts messages without a place into a section at the end.
    pub(super) fn loose_messages(&mut self) {
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

    /// Takes out messages below the wanted level; what they were about becomes plain text again.
    pub(super) fn filter_messages(&mut self) {
        let mut gone = HashSet::new();
        for message in self.all(Kind::SystemMessage) {
            if self.doc.int(message, "level").unwrap_or(0) < self.settings.report_level {
                gone.extend(self.doc.ids(message).iter().cloned());
                self.doc.detach(message);
            }
        }
        for problematic in self.all(Kind::Problematic) {
            if self.doc.get(problematic, "refid").is_some_and(|id| gone.contains(id)) {
                let text = self.doc.text_of(problematic);
                let text = self.doc.create_text(&text);
                self.doc.replace(problematic, &[text]);
            }
        }
        for id in gone {
            self.doc.targets.ids.remove(&id);
        }
        for section in self.doc.children(self.doc.root()).collect::<Vec<_>>() {
            if self.doc.has_class(section, "system-messages") && self.doc.children(section).count() == 1 {
                self.doc.detach(section);
            }
        }
    }

    /// Puts the messages of transforms at the end, as docutils' tests do.
    pub(super) fn test_messages(&mut self) {
        let root = self.doc.root();
        for message in self.loose(self.parsed) {
            self.doc.append(root, message);
        }
    }
}
