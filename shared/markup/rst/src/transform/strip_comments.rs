//! Takes comments out, when the caller asks for that ("Docutils Transforms", universal.StripComments).

use super::Work;
use crate::doctree::Kind;

impl Work<'_, '_> {
    pub(super) fn strip_comments(&mut self) {
        if self.settings.strip_comments {
            for comment in self.all(Kind::Comment) {
                self.doc.detach(comment);
            }
        }
    }
}
