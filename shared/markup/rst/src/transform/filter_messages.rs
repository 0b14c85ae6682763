//! System messages that are not wanted ("Docutils Transforms", universal.FilterMessages).

use std::collections::HashSet;

use super::Work;
use crate::doctree::Kind;

impl Work<'_, '_> {
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
}
