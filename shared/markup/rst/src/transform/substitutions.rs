//! Substitution references take the content of their definitions ("Docutils Transforms", references.Substitutions).

use std::collections::{HashMap, HashSet};

use super::Work;
use crate::doctree::{Kind, Level, NodeId};
use crate::options::NODE_COST;

impl Work<'_, '_> {
    pub(super) fn substitutions(&mut self) {
        let mut work = self.all(Kind::SubstitutionReference);
        let mut origins: HashMap<NodeId, NodeId> = HashMap::new();
        // Which definitions were found to hold a reference to a definition, by its name.
        let mut holders: HashMap<String, HashSet<String>> = HashMap::new();
        let mut budget = self.options.limits.expansion;
        let mut i = 0;
        while let Some(&reference) = work.get(i) {
            i += 1;
            let name = self.doc.get(reference, "refname").unwrap_or("").to_owned();
            let given = self.options.substitutions.iter().find(|(known, _)| *known == name);
            let Some((key, definition)) = self.find_definition(&name) else {
                if let Some((_, text)) = given {
                    let text = self.doc.create_text(text);
                    self.replace_whole(reference, &[text]);
                    continue;
                }
                self.refuse_reference(reference, &format!("Undefined substitution referenced: \"{name}\"."));
                continue;
            };
            let length = self.doc.text_of(definition).len();
            if length > self.options.limits.line_length {
                let text = format!("Substitution definition \"{key}\" exceeds the line-length-limit.");
                self.refuse_reference(reference, &text);
                continue;
            }
            let cost = length + NODE_COST * self.doc.descendants(definition).count();
            let Some(left) = budget.checked_sub(cost) else {
                let text =
                    format!("Substitutions add more than {} bytes to the document.", self.options.limits.expansion);
                self.refuse_reference(reference, &text);
                continue;
            };
            budget = left;
            self.trim_around(reference, definition);
            let copy = self.doc.copy(definition);
            let nested: Vec<NodeId> =
                self.doc.descendants(copy).filter(|&n| self.doc.kind(n) == Kind::SubstitutionReference).collect();
            let mut circular = false;
            for nested in nested {
                let inner = self.doc.get(nested, "refname").unwrap_or("").to_lowercase();
                let inner = self.doc.targets.substitution_names.get(&inner).cloned().unwrap_or(inner);
                let held = holders.entry(inner.clone()).or_default();
                if held.contains(&inner) {
                    circular = true;
                    break;
                }
                held.insert(key.clone());
                origins.insert(nested, reference);
                work.push(nested);
            }
            match circular {
                true => self.refuse_circle(reference, &name, &origins),
                false => self.substitute(reference, copy),
            }
        }
    }

    fn find_definition(&self, name: &str) -> Option<(String, NodeId)> {
        let targets = &self.doc.targets;
        if let Some(&definition) = targets.substitutions.get(name) {
            return Some((name.to_owned(), definition));
        }
        let key = targets.substitution_names.get(&name.to_lowercase())?;
        targets.substitutions.get(key).map(|&definition| (key.clone(), definition))
    }

    /// Cuts the space around a reference, when its definition asks for that.
    fn trim_around(&mut self, reference: NodeId, definition: NodeId) {
        if self.doc.has(definition, "ltrim")
            && let Some(before) = self.doc.prev_sibling(reference).filter(|&n| self.doc.kind(n) == Kind::Text)
        {
            let text = self.doc.text(before).trim_end().to_owned();
            self.doc.set_text(before, &text);
        }
        if self.doc.has(definition, "rtrim")
            && let Some(after) = self.doc.next_sibling(reference).filter(|&n| self.doc.kind(n) == Kind::Text)
        {
            let text = self.doc.text(after).trim_start().to_owned();
            self.doc.set_text(after, &text);
        }
    }

    fn substitute(&mut self, reference: NodeId, copy: NodeId) {
        let children: Vec<NodeId> = self.doc.children(copy).collect();
        let place = self.doc.ancestors(reference).find(|&n| self.doc.line(n).is_some());
        if let Some(place) = place {
            self.doc.copy_place(place, reference);
        }
        self.replace_whole(reference, &children);
        for child in children {
            let referential =
                matches!(self.doc.kind(child), Kind::Reference | Kind::FootnoteReference | Kind::CitationReference);
            if referential && self.doc.has(child, "refname") {
                self.doc.note_refname(child);
            }
        }
    }

    fn refuse_circle(&mut self, reference: NodeId, name: &str, origins: &HashMap<NodeId, NodeId>) {
        let parent = self.doc.parent(reference);
        if let Some(definition) = parent.filter(|&p| self.doc.kind(p) == Kind::SubstitutionDefinition) {
            let source = self.doc.raw_source(definition).to_owned();
            let text = "Circular substitution definition detected:";
            let message = self.doc.report_at(Level::Error, text, definition);
            self.doc.quote_source(message, &source);
            return self.replace_whole(definition, &[message]);
        }
        let mut origin = reference;
        while let Some(&outer) = origins.get(&origin) {
            origin = outer;
        }
        let text = format!("Circular substitution definition referenced: \"{name}\".");
        let message = self.doc.report_at(Level::Error, &text, origin);
        let id = self.doc.set_id(message, None);
        self.replace_by_problematic(reference, message, &id);
    }
}
