//! What the caller wants taken out ("Docutils Transforms", universal.StripComments and
//! universal.StripClassesAndElements).

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

    pub(super) fn strip_classes_and_elements(&mut self) {
        let (elements, classes) = (&self.settings.strip_elements_with_classes, &self.settings.strip_classes);
        if elements.is_empty() && classes.is_empty() {
            return;
        }
        for node in self.doc.descendants(self.doc.root()).collect::<Vec<_>>() {
            if elements.iter().any(|class| self.doc.has_class(node, class)) {
                self.doc.detach(node);
            }
            for class in classes {
                self.doc.pull(node, "classes", class);
            }
        }
    }
}
