//! Plans of `pending` elements: which transform will act there, and with what (doctree reference, "pending").

use super::{Document, NodeId};

/// One detail of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The option was given without a value, or is not set.
    None,
    /// Yes or no.
    Flag(bool),
    /// A number, `depth` for instance.
    Int(i64),
    /// A text, `prefix` for instance.
    Text(String),
    /// Words, `class` for instance.
    List(Vec<String>),
    /// Elements that the transform puts into the tree.
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
        let at = self.pending.binary_search_by_key(&node, |(n, _)| *n).ok()?;
        Some(&self.pending[at].1)
    }

    /// Makes the plan of a `pending` element.
    pub fn set_pending(&mut self, node: NodeId, plan: Pending) {
        match self.pending.binary_search_by_key(&node, |(n, _)| *n) {
            Ok(at) => self.pending[at].1 = plan,
            Err(at) => self.pending.insert(at, (node, plan)),
        }
    }

    /// All `pending` elements with their plans, in the order of their making.
    pub fn all_pending(&self) -> &[(NodeId, Pending)] {
        &self.pending
    }
}
