//! References to targets inside the document ("Docutils Transforms", references.InternalTargets).

use super::Work;

impl Work<'_, '_> {
    pub(super) fn internal_targets(&mut self) {
        for target in self.all_targets() {
            if self.doc.has(target, "refuri") || self.doc.has(target, "refid") {
                continue;
            }
            for name in self.doc.names(target).to_vec() {
                let id = self.doc.targets.name_ids.get(&name).cloned();
                let references = self.references_to(&name);
                if !references.is_empty() {
                    self.reference_by_name(target, &name);
                }
                for reference in references {
                    if self.is_resolved(reference) {
                        continue;
                    }
                    match &id {
                        Some(id) => self.lead_to_id(reference, id),
                        None => self.set_resolved(reference),
                    }
                }
            }
        }
    }
}
