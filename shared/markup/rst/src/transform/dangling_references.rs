//! References by name that are still open, and targets that nobody references ("Docutils Transforms",
//! references.DanglingReferences).

use super::Work;
use crate::doctree::{Kind, Level, NodeId};

impl Work<'_, '_> {
    pub(super) fn dangling_references(&mut self) {
        // Target notes brought references of their own.
        self.listed = self.listed.take().filter(|_| !self.doc.has_kind(Kind::Pending));
        let mut open = self.all_references();
        open.retain(|&n| self.doc.has(n, "refname"));
        for reference in open {
            if !self.is_resolved(reference) {
                self.resolve_dangling(reference);
            }
        }
        if self.infos_go {
            return;
        }
        for target in self.all_targets() {
            if self.is_referenced(target) || self.doc.has(target, "anonymous") || self.doc.has(target, "dupnames") {
                continue;
            }
            let naming = self.doc.names(target).first().or_else(|| self.doc.ids(target).first());
            let Some(naming) = naming.map(String::as_str).or_else(|| self.doc.get(target, "refid")) else { continue };
            let text = format!("Hyperlink target \"{naming}\" is not referenced.");
            self.doc.report_at(Level::Info, &text, target);
        }
    }

    fn resolve_dangling(&mut self, reference: NodeId) {
        let name = self.doc.get(reference, "refname").unwrap_or("").to_owned();
        if let Some(id) = self.doc.targets.name_ids.get(&name).cloned() {
            if let Some(&node) = self.doc.targets.ids.get(&id) {
                self.reference_by_id(node, &id);
            }
            return self.lead_to_id(reference, &id);
        }
        if self.is_full_of_faults() {
            return self.replace_by_source(reference);
        }
        let duplicate = self.doc.targets.names.get(&name).is_some_and(|name| name.node.is_none());
        let text = match duplicate {
            true => format!("Duplicate target name, cannot be used as a unique reference: \"{name}\"."),
            false => format!("Unknown target name: \"{name}\"."),
        };
        let message = self.doc.report_at(Level::Error, &text, reference);
        if let (false, Some(hint)) = (duplicate, hint(&name)) {
            self.doc.add_with_text(message, Kind::Paragraph, &hint);
        }
        let message_id = self.doc.set_id(message, None);
        let problematic = self.doc.create(Kind::Problematic);
        let source = self.doc.raw_source(reference).to_owned();
        self.doc.add_text(problematic, &source);
        self.doc.set(problematic, "refid", message_id);
        let id = match self.doc.ids(reference).first().cloned() {
            Some(id) => id,
            None => self.doc.set_id(problematic, None),
        };
        self.doc.push(message, "backrefs", id);
        self.replace_whole(reference, &[problematic]);
    }
}

/// What may be wrong with a name that contains angle brackets.
fn hint(name: &str) -> Option<String> {
    if !name.contains(['<', '>']) {
        return None;
    }
    let mut hint = vec!["Did you want to embed a URI or alias?"];
    if !name.contains('<') {
        hint.push("Opening bracket missing.");
    } else if !name.contains(" <") {
        hint.push("The embedded reference must be preceded by whitespace.");
    }
    if !name.contains('>') {
        hint.push("Closing bracket missing.");
    } else if !name.ends_with('>') {
        hint.push("The embedded reference must be the last text before the end string.");
    }
    if name.contains("< ") || name.contains(" >") {
        hint.push("Whitespace around the embedded reference is not allowed.");
    }
    Some(hint.join("\n"))
}
