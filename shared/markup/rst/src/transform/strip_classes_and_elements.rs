//! Takes out the elements and the classes that the caller names ("Docutils Transforms",
//! universal.StripClassesAndElements).

use super::Work;

impl Work<'_, '_> {
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
