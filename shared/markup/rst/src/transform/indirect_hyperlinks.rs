//! Targets that lead to other targets ("Docutils Transforms", references.IndirectHyperlinks).

use std::collections::HashSet;

use super::Work;
use crate::doctree::{Kind, Level, NodeId};

impl Work<'_, '_> {
    pub(super) fn indirect_hyperlinks(&mut self) {
        for target in self.doc.targets.indirect.clone() {
            if !self.is_resolved(target) {
                self.resolve_indirect(target);
            }
            self.resolve_references_of(target);
        }
    }

    /// Resolves a target after those that it leads to.
    fn resolve_indirect(&mut self, target: NodeId) {
        let mut chain = vec![target];
        let mut seen = HashSet::from([target]);
        loop {
            let Some(&last) = chain.last() else { return };
            let Some((next, id)) = self.led_to(last) else {
                self.refuse_missing(last);
                break;
            };
            self.reference_by_id(next, &id);
            let goes_on =
                self.doc.kind(next) == Kind::Target && !self.is_resolved(next) && self.doc.has(next, "refname");
            if !goes_on {
                self.take_destination(last, next, &id);
                break;
            }
            if !seen.insert(next) {
                self.refuse_indirect(next, "forming a circular reference");
                chain.push(next);
                break;
            }
            chain.push(next);
        }
        chain.pop();
        while let Some(target) = chain.pop() {
            if let Some((next, id)) = self.led_to(target) {
                self.take_destination(target, next, &id);
            }
        }
    }

    /// The node that a target names, and its identifier.
    fn led_to(&mut self, target: NodeId) -> Option<(NodeId, String)> {
        if let Some(id) = self.doc.get(target, "refid").map(str::to_owned) {
            return self.doc.targets.ids.get(&id).map(|&node| (node, id));
        }
        let name = self.doc.get(target, "refname")?.to_owned();
        let node = self.doc.targets.names.get(&name)?.node?;
        let known = self.doc.targets.name_ids.get(&name).cloned();
        Some((node, known.unwrap_or_else(|| self.doc.set_id(node, None))))
    }

    fn take_destination(&mut self, target: NodeId, next: NodeId, id: &str) {
        if let Some(uri) = self.doc.get(next, "refuri").map(str::to_owned) {
            self.doc.set(target, "refuri", uri);
            self.doc.unset(target, "refid");
        } else if let Some(further) = self.doc.get(next, "refid").map(str::to_owned) {
            self.doc.set(target, "refid", further);
            self.note_refid(target);
        } else if !self.doc.ids(next).is_empty() {
            self.doc.set(target, "refid", id);
            self.note_refid(target);
        } else {
            return self.refuse_missing(target);
        }
        self.doc.unset(target, "refname");
        self.set_resolved(target);
    }

    fn refuse_missing(&mut self, target: NodeId) {
        let name = self.doc.get(target, "refname").unwrap_or("").to_owned();
        let duplicate = self.doc.targets.names.get(&name).is_some_and(|name| name.node.is_none());
        let why = match duplicate {
            true => "which is a duplicate, and cannot be used as a unique reference",
            false => "which does not exist",
        };
        self.refuse_indirect(target, why);
    }

    fn refuse_indirect(&mut self, target: NodeId, why: &str) {
        let (names, ids) = (self.doc.names(target).to_vec(), self.doc.ids(target).to_vec());
        let mut naming = names.first().map(|name| format!("\"{name}\" ")).unwrap_or_default();
        if let Some(id) = ids.first() {
            naming.push_str(&format!("(id=\"{id}\")"));
        }
        let name = self.doc.get(target, "refname").unwrap_or("").to_owned();
        let text = format!("Indirect hyperlink target {naming} refers to target \"{name}\", {why}.");
        let message = self.doc.report_at(Level::Error, &text, target);
        let message_id = self.doc.set_id(message, None);
        let mut references: Vec<NodeId> = Vec::new();
        for name in &names {
            references.extend(self.references_to(name));
        }
        for id in &ids {
            references.extend(self.references_to_id(id));
        }
        let mut seen = HashSet::new();
        references.retain(|&node| seen.insert(node));
        for reference in references {
            if self.doc.parent(reference).is_some() {
                self.replace_by_problematic(reference, message, &message_id);
            }
        }
        self.set_resolved(target);
    }

    /// Leads all that names this target to where it leads.
    fn resolve_references_of(&mut self, target: NodeId) {
        let mut work = vec![target];
        while let Some(target) = work.pop() {
            let (key, value) = match (self.doc.get(target, "refid"), self.doc.get(target, "refuri")) {
                (Some(id), _) => ("refid", id.to_owned()),
                (None, Some(uri)) => ("refuri", uri.to_owned()),
                (None, None) => continue,
            };
            let mut references = Vec::new();
            for name in self.doc.names(target).to_vec() {
                let named = self.references_to(&name);
                if !named.is_empty() {
                    self.reference_by_name(target, &name);
                }
                references.extend(named);
            }
            for id in self.doc.ids(target).to_vec() {
                let led = self.references_to_id(&id);
                if !led.is_empty() {
                    self.reference_by_id(target, &id);
                }
                references.extend(led);
            }
            for reference in references {
                if self.is_resolved(reference) {
                    continue;
                }
                self.doc.unset(reference, "refname");
                self.doc.unset(reference, "refid");
                self.doc.set(reference, key, value.clone());
                if key == "refid" {
                    self.note_refid(reference);
                }
                self.set_resolved(reference);
                if self.doc.kind(reference) == Kind::Target {
                    work.push(reference);
                }
            }
        }
    }
}
