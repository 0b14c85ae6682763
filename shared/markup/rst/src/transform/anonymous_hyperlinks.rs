//! Anonymous references take anonymous targets in their order ("Docutils Transforms", references.AnonymousHyperlinks).

use super::Work;
use crate::doctree::{Kind, Level, NodeId};

impl Work<'_, '_> {
    pub(super) fn anonymous_hyperlinks(&mut self) {
        let (mut references, mut targets) = (self.all_references(), self.all_targets());
        references.retain(|&n| self.doc.kind(n) == Kind::Reference && self.doc.has(n, "anonymous"));
        targets.retain(|&n| self.doc.has(n, "anonymous"));
        if references.len() != targets.len() {
            return self.refuse_anonymous(&references, targets.len());
        }
        for (reference, target) in references.into_iter().zip(targets) {
            if self.doc.has(reference, "refid") || self.doc.has(reference, "refuri") {
                continue;
            }
            self.set_referenced(target);
            self.follow_anonymous(reference, target);
        }
    }

    fn refuse_anonymous(&mut self, references: &[NodeId], targets: usize) {
        let text = format!(
            "Anonymous hyperlink mismatch: {} references but {targets} targets.\nSee \"backrefs\" attribute for IDs.",
            references.len()
        );
        let source = self.options.source.to_owned();
        let message = self.doc.report(Level::Error, &text, &source, None);
        let id = self.doc.set_id(message, None);
        for (i, &reference) in references.iter().enumerate() {
            if i >= self.options.limits.messages {
                self.replace_by_source(reference);
                continue;
            }
            self.replace_by_problematic(reference, message, &id);
        }
    }

    fn follow_anonymous(&mut self, reference: NodeId, mut target: NodeId) {
        // A target leads on at most as often as there are nodes.
        for _ in 0..self.doc.len() {
            if let Some(uri) = self.doc.get(target, "refuri").map(str::to_owned) {
                self.doc.set(reference, "refuri", uri);
                self.set_resolved(reference);
                return;
            }
            if let Some(id) = self.doc.ids(target).first().cloned() {
                self.doc.set(reference, "refid", id);
                self.note_refid(reference);
                return;
            }
            let next = self.doc.get(target, "refid").and_then(|id| self.doc.targets.ids.get(id)).copied();
            match next {
                Some(next) => target = next,
                None => return,
            }
        }
    }
}
