//! References to targets with a URI ("Docutils Transforms", references.ExternalTargets).

use super::Work;

impl Work<'_, '_> {
    pub(super) fn external_targets(&mut self) {
        for target in self.all_targets() {
            let Some(uri) = self.doc.get(target, "refuri").map(str::to_owned) else { continue };
            for name in self.doc.names(target).to_vec() {
                let references = self.references_to(&name);
                if !references.is_empty() {
                    self.reference_by_name(target, &name);
                }
                for reference in references {
                    if !self.is_resolved(reference) {
                        self.doc.unset(reference, "refname");
                        self.doc.set(reference, "refuri", uri.clone());
                        self.set_resolved(reference);
                    }
                }
            }
        }
    }
}
