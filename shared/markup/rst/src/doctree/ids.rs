//! Identifiers of nodes, made of their names or counted (doctree reference, "ids"; docutils: `id_prefix`,
//! `auto_id_prefix`).

use super::names::make_id;
use super::{Document, Level, NodeId};

impl Document {
    /// Gives the node an identifier when it has none, registers those it has, and returns the last one.
    /// An identifier that another node has is reported; the message goes into `messages`.
    pub fn set_id(&mut self, node: NodeId, messages: Option<NodeId>) -> String {
        if self.ids(node).is_empty() {
            let id = self.create_id(node, self.kind(node).name());
            self.push(node, "ids", id);
        }
        self.register_ids(node, messages)
    }

    /// The same, but a generated identifier begins with `prefix` instead of the name of the element.
    pub(crate) fn set_id_like(&mut self, node: NodeId, prefix: &str) -> String {
        if self.ids(node).is_empty() {
            let id = self.create_id(node, prefix);
            self.push(node, "ids", id);
        }
        self.register_ids(node, None)
    }

    fn register_ids(&mut self, node: NodeId, messages: Option<NodeId>) -> String {
        for i in 0..self.ids(node).len() {
            let id = self.ids(node)[i].as_str();
            let owner = self.targets.ids.get(id).copied().unwrap_or(node);
            let id = id.to_owned();
            if owner == node {
                self.targets.ids.insert(id, node);
            } else {
                let (first, second) = (self.start_tag(owner), self.start_tag(node));
                let text = format!("Duplicate ID: \"{id}\" used by {first} and {second}");
                let message = self.report_at(Level::Error, &text, node);
                if let Some(place) = messages {
                    self.append(place, message);
                }
            }
        }
        let id = self.ids(node).last().cloned().unwrap_or_default();
        for name in self.names(node).to_vec() {
            self.targets.name_ids.insert(name, id.clone());
        }
        id
    }

    fn create_id(&mut self, node: NodeId, element: &str) -> String {
        let (id_prefix, auto) = (self.targets.id_prefix.clone(), self.targets.auto_id_prefix.clone());
        let mut last = None;
        for name in self.names(node) {
            let base = if id_prefix.is_empty() { make_id(name) } else { make_id(&format!("x{name}")).split_off(1) };
            let id = format!("{id_prefix}{base}");
            if !base.is_empty() && !self.targets.ids.contains_key(&id) {
                return id;
            }
            last = Some(id).filter(|_| !base.is_empty());
        }
        let dupname = self.list(node, "dupnames").first().map(|name| make_id(name)).filter(|id| !id.is_empty());
        let prefix = match (auto.strip_suffix('%'), last, dupname) {
            (Some(_), Some(id), _) => format!("{id}-"),
            (Some(_), None, Some(id)) => format!("{id}-"),
            (Some(auto), None, None) => format!("{id_prefix}{auto}{}-", make_id(element)),
            (None, ..) => format!("{id_prefix}{auto}"),
        };
        loop {
            let counter = self.targets.counters.entry(prefix.clone()).or_default();
            *counter += 1;
            let id = format!("{prefix}{counter}");
            if !self.targets.ids.contains_key(&id) {
                return id;
            }
        }
    }
}
