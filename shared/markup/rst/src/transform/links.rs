//! Which references name which target, and what is resolved already ("Docutils Transforms", reference transforms).

use std::collections::HashMap;

use super::Work;
use crate::doctree::{Kind, NodeId};

/// Books that only transforms keep.
#[derive(Default)]
pub(super) struct Links {
    /// References by the name that they had when they were noted.
    names: HashMap<String, Vec<NodeId>>,
    footnotes: HashMap<String, Vec<NodeId>>,
    citations: HashMap<String, Vec<NodeId>>,
    /// How many of the document's references are in the books.
    seen: usize,
    /// References by the identifier that they lead to.
    ids: HashMap<String, Vec<NodeId>>,
    flags: HashMap<NodeId, Flags>,
    /// Targets whose names and identifiers moved to a node.
    by_name: HashMap<(NodeId, String), NodeId>,
    by_id: HashMap<(NodeId, String), NodeId>,
    moved: HashMap<NodeId, Vec<(bool, String)>>,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    resolved: bool,
    referenced: bool,
}

impl Work<'_, '_> {
    /// Takes newly noted references into the books.
    fn read_references(&mut self) {
        let links = &mut self.links;
        while let Some(&node) = self.doc.targets.references.get(links.seen) {
            links.seen += 1;
            let Some(name) = self.doc.get(node, "refname") else { continue };
            let special = match self.doc.kind(node) {
                Kind::FootnoteReference => Some(&mut links.footnotes),
                Kind::CitationReference => Some(&mut links.citations),
                _ => None,
            };
            if let Some(special) = special {
                special.entry(name.to_owned()).or_default().push(node);
            }
            links.names.entry(name.to_owned()).or_default().push(node);
        }
    }

    pub(super) fn references_to(&mut self, name: &str) -> Vec<NodeId> {
        self.read_references();
        self.links.names.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn footnote_references_to(&mut self, name: &str) -> Vec<NodeId> {
        self.read_references();
        self.links.footnotes.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn citation_references_to(&mut self, name: &str) -> Vec<NodeId> {
        self.read_references();
        self.links.citations.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn references_to_id(&self, id: &str) -> Vec<NodeId> {
        self.links.ids.get(id).cloned().unwrap_or_default()
    }

    /// Notes a node by its `refid`.
    pub(super) fn note_refid(&mut self, node: NodeId) {
        self.read_references();
        if let Some(id) = self.doc.get(node, "refid") {
            self.links.ids.entry(id.to_owned()).or_default().push(node);
        }
    }

    /// Leads a reference to an identifier of the document.
    pub(super) fn lead_to_id(&mut self, node: NodeId, id: &str) {
        self.doc.unset(node, "refname");
        self.doc.set(node, "refid", id);
        self.set_resolved(node);
    }

    pub(super) fn is_resolved(&self, node: NodeId) -> bool {
        self.links.flags.get(&node).is_some_and(|flags| flags.resolved)
    }

    pub(super) fn set_resolved(&mut self, node: NodeId) {
        self.links.flags.entry(node).or_default().resolved = true;
    }

    pub(super) fn is_referenced(&self, node: NodeId) -> bool {
        self.links.flags.get(&node).is_some_and(|flags| flags.referenced)
    }

    pub(super) fn set_referenced(&mut self, node: NodeId) {
        self.links.flags.entry(node).or_default().referenced = true;
    }

    /// Notes that a name or an identifier of a target moved to another node.
    pub(super) fn note_moved(&mut self, target: NodeId, to: NodeId, is_id: bool, name: &str) {
        let map = if is_id { &mut self.links.by_id } else { &mut self.links.by_name };
        map.insert((to, name.to_owned()), target);
        self.links.moved.entry(to).or_default().push((is_id, name.to_owned()));
    }

    /// Moves what was moved to a target on to the next node.
    pub(super) fn move_on(&mut self, target: NodeId, to: NodeId) {
        for (is_id, name) in self.links.moved.get(&target).cloned().unwrap_or_default() {
            let map = if is_id { &self.links.by_id } else { &self.links.by_name };
            if let Some(&origin) = map.get(&(target, name.clone())) {
                self.note_moved(origin, to, is_id, &name);
            }
        }
    }

    /// Notes that a node is referenced by a name of its own.
    pub(super) fn reference_by_name(&mut self, node: NodeId, name: &str) {
        self.set_referenced(node);
        if let Some(&origin) = self.links.by_name.get(&(node, name.to_owned())) {
            self.set_referenced(origin);
        }
    }

    /// Notes that a node is referenced by one of its identifiers.
    pub(super) fn reference_by_id(&mut self, node: NodeId, id: &str) {
        self.set_referenced(node);
        if let Some(&origin) = self.links.by_id.get(&(node, id.to_owned())) {
            self.set_referenced(origin);
        }
    }
}
