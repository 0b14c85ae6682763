//! Internal targets hand their names and identifiers to the next element ("Docutils Transforms",
//! references.PropagateTargets).

use super::Work;
use crate::doctree::{Kind, NodeId};

/// What targets that stand one after the other hand on: the target, its identifiers, its names.
type Carried = Vec<(NodeId, Vec<String>, Vec<String>)>;

impl Work<'_, '_> {
    pub(super) fn propagate_targets(&mut self) {
        let mut carried = Carried::new();
        let mut targets: Vec<NodeId> = self.all_targets();
        targets.retain(|&target| self.hands_on(target));
        for (i, &target) in targets.iter().enumerate() {
            let Some(next) = self.next_receiver(target) else {
                self.hand_over(target, &mut carried);
                continue;
            };
            carried.push((target, self.doc.ids(target).to_vec(), self.doc.names(target).to_vec()));
            if targets.get(i + 1) != Some(&next) {
                self.hand_over(next, &mut carried);
            }
        }
    }

    /// True for targets that stand for what follows them.
    fn hands_on(&self, target: NodeId) -> bool {
        let led = ["refid", "refuri", "refname"].iter().any(|key| self.doc.has(target, key));
        !led && !self.doc.parent(target).is_some_and(|p| self.doc.kind(p).is_text_element())
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

    /// Gives an element what the targets before it carry, the nearest first; each of them leads to it.
    fn hand_over(&mut self, next: NodeId, carried: &mut Carried) {
        let targets: Vec<NodeId> = carried.iter().map(|(target, ..)| *target).collect();
        self.settle(next, carried);
        for target in targets {
            let in_figure = self.doc.parent(target).is_some_and(|p| self.doc.kind(p) == Kind::Figure);
            if in_figure && self.doc.kind(next) == Kind::Caption {
                self.doc.detach(target);
                continue;
            }
            let id = self.doc.ids(target).first().cloned();
            self.doc.unset(target, "ids");
            self.doc.unset(target, "names");
            if let Some(id) = id {
                self.doc.set(target, "refid", id);
                self.note_refid(target);
            }
        }
    }

    /// Gives a node the identifiers and names of the targets that lead to it.
    fn settle(&mut self, next: NodeId, carried: &mut Carried) {
        for (target, ids, names) in carried.drain(..).rev() {
            for id in ids {
                self.note_moved(target, next, true, &id);
                self.doc.targets.ids.insert(id.clone(), next);
                self.doc.push(next, "ids", id);
            }
            for name in names {
                self.note_moved(target, next, false, &name);
                if let Some(owner) = self.doc.targets.names.get_mut(&name)
                    && owner.node == Some(target)
                {
                    owner.node = Some(next);
                }
                self.doc.push(next, "names", name);
            }
            self.move_on(target, next);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, parse, pseudo_xml};

    #[test]
    fn targets_in_a_row_lead_to_the_element_after_them() {
        let shown = pseudo_xml(&parse(".. _a:\n.. _b:\n\ntext\n", &Options::new("t")));
        let shown: Vec<_> = shown.lines().skip(1).map(str::trim).collect();
        assert_eq!(
            shown,
            ["<target refid=\"a\">", "<target refid=\"b\">", "<paragraph ids=\"b a\" names=\"b a\">", "text"]
        );
    }

    #[test]
    fn the_last_target_keeps_what_nothing_follows() {
        let shown = pseudo_xml(&parse(".. _a:\n.. _b:\n", &Options::new("t")));
        let shown: Vec<_> = shown.lines().skip(1).map(str::trim).collect();
        assert_eq!(shown, ["<target refid=\"a\">", "<target ids=\"b a\" names=\"b a\">"]);
    }
}
