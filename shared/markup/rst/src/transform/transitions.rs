//! Where transitions may stand ("Docutils Transforms", misc.Transitions).

use super::Work;
use crate::doctree::{Kind, Level, NodeId};

impl Work<'_, '_> {
    pub(super) fn transitions(&mut self) {
        for node in self.all(Kind::Transition) {
            let Some(parent) = self.doc.parent(node) else { continue };
            if !matches!(self.doc.kind(parent), Kind::Document | Kind::Section) {
                let text = "Transition only valid as child of <document> or <section>.";
                self.warn_transition(node, text);
                continue;
            }
            let counts = |n: &NodeId| !is_ignored(self.doc.kind(*n));
            let mut before = std::iter::successors(self.doc.prev_sibling(node), |&n| self.doc.prev_sibling(n));
            let mut after = std::iter::successors(self.doc.next_sibling(node), |&n| self.doc.next_sibling(n));
            let begins = !before.any(|n| counts(&n));
            let ends = !after.any(|n| counts(&n));
            let follows = self.doc.prev_sibling(node).is_some_and(|n| self.doc.kind(n) == Kind::Transition);
            if ends && !self.move_transition_up(node) {
                self.warn_transition(node, "Transition at the end of the document.");
            }
            if begins {
                let parent = self.doc.parent(node).unwrap_or(parent);
                let text = format!("Transition at the start of the {}.", self.doc.kind(parent).name());
                self.warn_transition(node, &text);
            } else if follows {
                self.warn_transition(node, "At least one body element should separate transitions.");
            }
        }
    }

    /// Moves a transition from the end of its section to the next place further out; false at the end of the document.
    fn move_transition_up(&mut self, node: NodeId) -> bool {
        let around = self.doc.ancestors(node).find(|&n| self.doc.next_sibling(n).is_some());
        match around {
            Some(around) => {
                self.doc.insert_after(around, node);
                true
            }
            None => false,
        }
    }

    fn warn_transition(&mut self, node: NodeId, text: &str) {
        let message = self.doc.report_at(Level::Warning, text, node);
        if self.doc.parent(node).is_some_and(|parent| self.doc.kind(parent).takes_body()) {
            self.doc.insert_after(node, message);
        }
    }
}

/// Siblings that do not count: titles, and what shows nothing, comments excepted.
fn is_ignored(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Decoration
            | Kind::Meta
            | Kind::Pending
            | Kind::SubstitutionDefinition
            | Kind::Subtitle
            | Kind::Target
            | Kind::Title
    )
}
