//! The lone subsection of a section becomes its subtitle ("Docutils Transforms", frontmatter.SectSubTitle; its
//! class is SectionSubTitle).

use super::Work;
use crate::doctree::Kind;

impl Work<'_, '_> {
    pub(super) fn section_sub_title(&mut self) {
        for section in self.all(Kind::Section) {
            if self.doc.parent(section).is_some() {
                self.promote_subtitle(section);
            }
        }
    }
}
