//! Takes nodes of another document over, with the books that the reST parser keeps about them.

use std::collections::HashMap;

use rst::doctree::{Detail, Pending};
use rst::{Document, Kind, Message, NodeId, Value};

use crate::markdown::builder::Builder;

impl Builder<'_> {
    /// Copies all that stands in `from` to the end of `into`; its first line is the line `line` of the page.
    pub(super) fn graft(&mut self, from: &Document, into: NodeId, line: u32) {
        let mut twins: HashMap<NodeId, NodeId> = HashMap::from([(from.root(), into)]);
        let pending: Vec<NodeId> = from.all_pending().iter().flat_map(|(_, plan)| nodes_of(plan)).collect();
        let mut copied = Vec::new();
        for top in std::iter::once(from.root()).chain(pending) {
            for node in from.descendants(top) {
                if twins.contains_key(&node) {
                    continue;
                }
                let twin = self.copy(from, node, line);
                if let Some(parent) = from.parent(node).and_then(|p| twins.get(&p)) {
                    self.doc.append(*parent, twin);
                }
                twins.insert(node, twin);
                copied.push((node, twin));
            }
        }
        self.register(from, &copied);
        self.take_books(from, &twins, line);
    }

    fn copy(&mut self, from: &Document, node: NodeId, line: u32) -> NodeId {
        let twin = match from.kind(node) {
            Kind::Text => self.doc.create_text(from.text(node)),
            kind => self.doc.create(kind),
        };
        if let Some(own) = from.line(node) {
            self.doc.set_line(twin, own + line.saturating_sub(1));
        }
        for (key, value) in from.attributes(node) {
            let value = match (key.as_ref(), value) {
                ("line", Value::Int(own)) => Value::Int(own + i64::from(line.saturating_sub(1))),
                _ => value.clone(),
            };
            self.doc.set(twin, key.clone(), value);
        }
        twin
    }

    /// Gives the copies identifiers and names that are free in this document, and mends what points to them.
    fn register(&mut self, from: &Document, copied: &[(NodeId, NodeId)]) {
        let mut renamed: HashMap<String, String> = HashMap::new();
        for &(node, twin) in copied {
            if from.ids(node).is_empty() && from.names(node).is_empty() {
                continue;
            }
            let explicit = from.names(node).iter().any(|name| from.targets.names.get(name).is_some_and(|n| n.explicit));
            let taken = from.ids(node).iter().any(|id| self.doc.targets.ids.contains_key(id));
            if taken {
                self.doc.unset(twin, "ids");
            }
            match (from.names(node).is_empty(), explicit) {
                (false, true) => self.doc.note_explicit_target(twin, None),
                (false, false) => self.doc.note_implicit_target(twin, None),
                (true, _) => drop(self.doc.set_id(twin, None)),
            }
            let new = self.doc.ids(twin).first().cloned().unwrap_or_default();
            renamed.extend(from.ids(node).iter().filter(|_| taken).map(|id| (id.clone(), new.clone())));
        }
        if renamed.is_empty() {
            return;
        }
        for &(_, twin) in copied {
            if let Some(new) = self.doc.get(twin, "refid").and_then(|id| renamed.get(id)) {
                self.doc.set(twin, "refid", new.as_str());
            }
            let back = self.doc.list(twin, "backrefs").to_vec();
            if !back.is_empty() {
                let back: Vec<String> = back.into_iter().map(|id| renamed.get(&id).cloned().unwrap_or(id)).collect();
                self.doc.set(twin, "backrefs", back);
            }
        }
    }

    fn take_books(&mut self, from: &Document, twins: &HashMap<NodeId, NodeId>, line: u32) {
        let of = |nodes: &[NodeId]| nodes.iter().filter_map(|n| twins.get(n).copied()).collect::<Vec<_>>();
        let (here, there) = (&mut self.doc.targets, &from.targets);
        here.references.extend(of(&there.references));
        here.footnotes.extend(of(&there.footnotes));
        here.auto_footnotes.extend(of(&there.auto_footnotes));
        here.auto_footnote_references.extend(of(&there.auto_footnote_references));
        here.symbol_footnotes.extend(of(&there.symbol_footnotes));
        here.symbol_footnote_references.extend(of(&there.symbol_footnote_references));
        here.citations.extend(of(&there.citations));
        for (name, node) in &there.substitutions {
            if let Some(twin) = twins.get(node) {
                here.substitutions.insert(name.clone(), *twin);
            }
        }
        here.substitution_names.extend(there.substitution_names.clone());
        for (node, plan) in from.all_pending() {
            if let Some(&twin) = twins.get(node) {
                self.doc.set_pending(twin, moved(plan, twins));
            }
        }
        for message in &from.messages {
            let node = twins.get(&message.node).copied().unwrap_or(self.doc.root());
            let own = message.line.map(|own| own + line.saturating_sub(1));
            self.doc.messages.push(Message { line: own, node, ..message.clone() });
        }
    }
}

fn nodes_of(plan: &Pending) -> Vec<NodeId> {
    let nodes = plan
        .details
        .iter()
        .filter_map(|(_, detail)| if let Detail::Nodes(nodes) = detail { Some(nodes) } else { None });
    nodes.flatten().copied().collect()
}

fn moved(plan: &Pending, twins: &HashMap<NodeId, NodeId>) -> Pending {
    let mut plan = plan.clone();
    for (_, detail) in &mut plan.details {
        if let Detail::Nodes(nodes) = detail {
            nodes.iter_mut().for_each(|n| *n = twins.get(n).copied().unwrap_or(*n));
        }
    }
    plan
}
