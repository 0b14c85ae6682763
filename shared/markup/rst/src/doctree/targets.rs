//! The books about targets and references: names, identifiers, footnotes, citations, substitutions
//! (reStructuredText specification, "Implicit Hyperlink Targets" for the rules about equal names).

use std::collections::HashMap;

use super::names::{collapse, normalize};
use super::{Document, Kind, Level, NodeId};

/// Who owns a reference name.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The target; none when several claim the name with equal right.
    pub node: Option<NodeId>,
    /// True for explicit targets, false for section titles and the like.
    pub explicit: bool,
}

/// The books.
#[derive(Clone, Debug)]
pub struct Targets {
    /// Put before every identifier.
    pub id_prefix: String,
    /// Put before generated identifiers; `%` stands for the element's name.
    pub auto_id_prefix: String,
    /// Sections get their identifier while parsing, not later.
    pub legacy_ids: bool,
    /// By reference name, its owner.
    pub names: HashMap<String, Name>,
    /// By identifier, the node that has it.
    pub ids: HashMap<String, NodeId>,
    /// By reference name, the identifier of its owner.
    pub name_ids: HashMap<String, String>,
    /// Nodes with a `refname`, in the order of reading.
    pub references: Vec<NodeId>,
    /// Targets that lead to other targets.
    pub indirect: Vec<NodeId>,
    /// Footnotes with a number of their own, `[1]`.
    pub footnotes: Vec<NodeId>,
    /// Footnotes that get a number, `[#]` and `[#name]`.
    pub auto_footnotes: Vec<NodeId>,
    /// The references to them.
    pub auto_footnote_references: Vec<NodeId>,
    /// Footnotes that get a symbol, `[*]`.
    pub symbol_footnotes: Vec<NodeId>,
    /// The references to them.
    pub symbol_footnote_references: Vec<NodeId>,
    /// Citations, `[CIT2002]`.
    pub citations: Vec<NodeId>,
    /// By case-sensitive name, the definition that holds.
    pub substitutions: HashMap<String, NodeId>,
    /// From the name in lower case to the name as written.
    pub substitution_names: HashMap<String, String>,
    /// How many generated identifiers begin with a prefix.
    pub(super) counters: HashMap<String, u32>,
}

impl Default for Targets {
    fn default() -> Self {
        Targets {
            id_prefix: String::new(),
            auto_id_prefix: "%".to_owned(),
            legacy_ids: true,
            names: HashMap::new(),
            ids: HashMap::new(),
            name_ids: HashMap::new(),
            references: Vec::new(),
            indirect: Vec::new(),
            footnotes: Vec::new(),
            auto_footnotes: Vec::new(),
            auto_footnote_references: Vec::new(),
            symbol_footnotes: Vec::new(),
            symbol_footnote_references: Vec::new(),
            citations: Vec::new(),
            substitutions: HashMap::new(),
            substitution_names: HashMap::new(),
            counters: HashMap::new(),
        }
    }
}

impl Document {
    /// Registers a section title or the like; an equal name is reported into `messages`.
    pub fn note_implicit_target(&mut self, node: NodeId, messages: Option<NodeId>) {
        self.note_names(node, messages, false);
        if self.targets.legacy_ids {
            self.set_id(node, messages);
        }
    }

    /// Registers a target that was written as such; an equal name is reported into `messages`.
    pub fn note_explicit_target(&mut self, node: NodeId, messages: Option<NodeId>) {
        self.note_names(node, messages, true);
        self.set_id(node, messages);
    }

    fn note_names(&mut self, node: NodeId, messages: Option<NodeId>, explicit: bool) {
        for name in self.names(node).to_vec() {
            match self.targets.names.get(&name).copied() {
                Some(old) if old.node != Some(node) => self.settle_name(node, &name, old, explicit, messages),
                Some(_) => {}
                None => {
                    self.targets.names.insert(name, Name { node: Some(node), explicit });
                }
            }
        }
    }

    /// Decides who keeps a name that two nodes claim.
    fn settle_name(&mut self, node: NodeId, name: &str, old: Name, explicit: bool, messages: Option<NodeId>) {
        let mut now = Name { node: old.node, explicit: old.explicit || explicit };
        let same = old.node.is_some_and(|o| {
            ["refname", "refuri"].iter().any(|key| self.has(node, key) && self.get(node, key) == self.get(o, key))
        });
        let (level, text) = if same {
            let to = self.get(node, "refuri").or_else(|| self.get(node, "refname")).unwrap_or_default();
            let text = format!("Duplicate name \"{name}\" for external target \"{to}\".");
            self.lose_name(node, name);
            (Some(Level::Info), text)
        } else if explicit && old.explicit {
            self.lose_name(node, name);
            if let Some(old) = old.node {
                self.lose_name(old, name);
                self.targets.name_ids.remove(name);
            }
            now.node = None;
            (Some(Level::Warning), format!("Duplicate explicit target name: \"{name}\"."))
        } else if explicit {
            now.node = Some(node);
            if let Some(old) = old.node {
                self.lose_name(old, name);
            }
            let text = format!("Target name overrides implicit target name \"{name}\".");
            (old.node.map(|_| Level::Info), text)
        } else {
            self.lose_name(node, name);
            if let (Some(first), false) = (old.node, old.explicit) {
                self.lose_name(first, name);
                self.targets.name_ids.remove(name);
                now.node = None;
                self.set_id(first, None);
            }
            (Some(Level::Info), format!("Duplicate implicit target name: \"{name}\"."))
        };
        self.targets.names.insert(name.to_owned(), now);
        let Some(level) = level else { return };
        let shown = self.kind(node) != Kind::Target || self.has_children(node);
        let backref = shown.then(|| self.set_id(node, None));
        let message = self.report_at(level, &text, node);
        if let Some(id) = backref {
            self.push(message, "backrefs", id);
        }
        if let Some(place) = messages.filter(|&place| self.kind(place).takes_body()) {
            self.append(place, message);
        }
    }

    fn lose_name(&mut self, node: NodeId, name: &str) {
        self.push(node, "dupnames", name);
        self.pull(node, "names", name);
    }

    /// Registers a footnote or a reference with a number of its own, `[1]`.
    pub fn note_footnote(&mut self, node: NodeId) {
        self.set_id(node, None);
        self.targets.footnotes.push(node);
    }

    /// Registers a node whose `refname` names its target.
    pub fn note_refname(&mut self, node: NodeId) {
        self.targets.references.push(node);
    }

    /// Registers a substitution definition; the last one of a name holds, the equal one is reported.
    pub fn note_substitution(&mut self, node: NodeId, name: &str, messages: Option<NodeId>) {
        let name = collapse(name);
        if let Some(&old) = self.targets.substitutions.get(&name) {
            let text = format!("Duplicate substitution definition name: \"{name}\".");
            let message = self.report_at(Level::Error, &text, node);
            if let Some(place) = messages {
                self.append(place, message);
            }
            self.lose_name(old, &name);
        }
        self.targets.substitution_names.insert(normalize(&name), name.clone());
        self.targets.substitutions.insert(name, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(doc: &mut Document, name: &str) -> NodeId {
        let root = doc.root();
        let node = doc.add(root, Kind::Section);
        doc.push(node, "names", name);
        node
    }

    #[test]
    fn equal_titles_both_lose_the_name() {
        let mut doc = Document::new("t");
        let (a, b) = (section(&mut doc, "x"), section(&mut doc, "x"));
        doc.note_implicit_target(a, Some(a));
        doc.note_implicit_target(b, Some(b));
        assert_eq!((doc.names(a).len(), doc.names(b).len()), (0, 0));
        assert_eq!((doc.ids(a), doc.ids(b)), (&["x".to_owned()][..], &["x-1".to_owned()][..]));
        assert_eq!(doc.messages[0].text, "Duplicate implicit target name: \"x\".");
    }

    #[test]
    fn an_explicit_target_takes_the_name_of_a_title() {
        let mut doc = Document::new("t");
        let (a, b) = (section(&mut doc, "x"), section(&mut doc, "x"));
        doc.note_implicit_target(a, None);
        doc.note_explicit_target(b, None);
        assert_eq!(doc.names(b), ["x"]);
        assert_eq!(doc.targets.names["x"].node, Some(b));
    }
}
