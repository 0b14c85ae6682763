//! Identifiers of sections, where they were not given while parsing ("Docutils Transforms", references.SectionIDs).

use super::Work;
use crate::doctree::Kind;

impl Work<'_, '_> {
    pub(super) fn section_ids(&mut self) {
        if self.doc.targets.legacy_ids {
            return;
        }
        for section in self.all(Kind::Section) {
            self.doc.set_id(section, None);
        }
    }
}
