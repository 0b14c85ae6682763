//! Internal targets hand their names and identifiers to the next element ("Docutils Transforms",
//! references.PropagateTargets).

use super::Work;
use crate::doctree::{Kind, NodeId};

impl Work<'_, '_> {
    pub(super) fn propagate_targets(&mut self) {
        for target in self.all_targets() {
            let led = ["refid", "refuri", "refname"].iter().any(|key| self.doc.has(target, key));
            let inline = self.doc.parent(target).is_some_and(|p| self.doc.kind(p).is_text_element());
            if led || inline {
                continue;
            }
            if let Some(next) = self.next_receiver(target) {
                self.hand_over(target, next);
            }
        }
    }

    /// The element after a target, when it may carry the target's names.
    fn next_receiver(&self, target: NodeId) -> Option<NodeId> {
        let mut next = self.doc.first_child(target).or_else(|| self.following(target))?;
        while matches!(self.doc.kind(next), Kind::SystemMessage | Kind::Index) {
            next = self.following(next)?;
        }
        let kind = self.doc.kind(next);
        let unfit =
            kind.is_invisible() && kind != Kind::Target || matches!(kind, Kind::Footnote | Kind::Citation | Kind::Text);
        (!unfit).then_some(next)
    }

    fn hand_over(&mut self, target: NodeId, next: NodeId) {
        let (ids, names) = (self.doc.ids(target).to_vec(), self.doc.names(target).to_vec());
        for id in &ids {
            self.doc.push(next, "ids", id.clone());
            self.doc.targets.ids.insert(id.clone(), next);
            self.note_moved(target, next, true, id);
        }
        for name in &names {
            self.doc.push(next, "names", name.clone());
            self.note_moved(target, next, false, name);
            if let Some(owner) = self.doc.targets.names.get_mut(name)
                && owner.node == Some(target)
            {
                owner.node = Some(next);
            }
        }
        self.move_on(target, next);
        let in_figure = self.doc.parent(target).is_some_and(|p| self.doc.kind(p) == Kind::Figure);
        if in_figure && self.doc.kind(next) == Kind::Caption {
            return self.doc.detach(target);
        }
        self.doc.unset(target, "ids");
        self.doc.unset(target, "names");
        if let Some(id) = ids.first() {
            self.doc.set(target, "refid", id.as_str());
            self.note_refid(target);
        }
    }
}
