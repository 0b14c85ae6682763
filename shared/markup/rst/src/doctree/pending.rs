//! Plans of `pending` elements: which transform will act there, and with what (doctree reference, "pending").

use super::{Document, NodeId};

/// One detail of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    None,
    Flag(bool),
    Int(i64),
    Text(String),
    List(Vec<String>),
    Nodes(Vec<NodeId>),
}

/// What is to be done at a `pending` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The transform by docutils' name, `docutils.transforms.parts.Contents` for instance.
    pub transform: &'static str,
    /// Its details; sorted by name when shown.
    pub details: Vec<(&'static str, Detail)>,
}

impl Pending {
    /// A detail by its name.
    pub fn detail(&self, name: &str) -> Option<&Detail> {
        self.details.iter().find(|(k, _)| *k == name).map(|(_, v)| v)
    }
}

impl Document {
    /// The plan of a `pending` element.
    pub fn pending(&self, node: NodeId) -> Option<&Pending> {
        self.pending.iter().find(|(n, _)| *n == node).map(|(_, p)| p)
    }

    /// Makes the plan of a `pending` element.
    pub fn set_pending(&mut self, node: NodeId, plan: Pending) {
        self.pending.retain(|(n, _)| *n != node);
        self.pending.push((node, plan));
    }

    /// All `pending` elements with their plans, in the order of their making.
    pub fn all_pending(&self) -> &[(NodeId, Pending)] {
        &self.pending
    }
}
