//! Messages of transforms, as docutils' tests show them ("Docutils Transforms", universal.TestMessages).

use super::Work;

impl Work<'_, '_> {
    /// Puts the messages of transforms at the end, as docutils' tests do.
    pub(super) fn test_messages(&mut self) {
        let root = self.doc.root();
        for message in self.loose(self.parsed) {
            self.doc.append(root, message);
        }
    }
}
