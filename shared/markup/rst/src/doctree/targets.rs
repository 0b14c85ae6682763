//! The books about targets and references: names, identifiers, footnotes, citations, substitutions
//! (reStructuredText specification, "Implicit Hyperlink Targets" for the rules about equal names).

use std::collections::HashMap;

use super::names::{collapse, make_id, normalize};
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
    counters: HashMap<String, u32>,
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
        if let Some(place) = messages.filter(|&place| self.takes_body(place)) {
            self.append(place, message);
        }
    }

    fn lose_name(&mut self, node: NodeId, name: &str) {
        self.push(node, "dupnames", name);
        self.pull(node, "names", name);
    }

    /// True for elements that hold body elements.
    pub(crate) fn takes_body(&self, node: NodeId) -> bool {
        let kind = self.kind(node);
        kind.is_admonition()
            || matches!(
                kind,
                Kind::Document
                    | Kind::Section
                    | Kind::Topic
                    | Kind::Sidebar
                    | Kind::ListItem
                    | Kind::Definition
                    | Kind::FieldBody
                    | Kind::Description
                    | Kind::BlockQuote
                    | Kind::Footnote
                    | Kind::Citation
                    | Kind::Legend
                    | Kind::Entry
                    | Kind::Container
                    | Kind::Compound
                    | Kind::SystemMessage
                    | Kind::Header
                    | Kind::Footer
                    | Kind::DescContent
                    | Kind::Only
                    | Kind::Seealso
                    | Kind::Versionmodified
            )
    }

    /// Reports a finding at the place of a node. The element in the tree shows the line of the nearest element that has
    /// one, as docutils does; the message has the node's own line and column, when they are known.
    pub fn report_at(&mut self, level: Level, text: &str, node: NodeId) -> NodeId {
        let known = std::iter::once(node).chain(self.ancestors(node)).find(|&n| self.line(n).is_some());
        let (source, line) = match known {
            Some(known) => (self.source(known).to_owned(), self.line(known)),
            None => {
                let (source, line) = self.outer();
                (self.source_name(source).to_owned(), Some(line).filter(|line| *line > 0))
            }
        };
        let (own, column) = self.spot(node);
        let reported = self.report(level, text, &source, line);
        if let Some(message) = self.messages.last_mut() {
            message.line = own.or(line);
            message.column = column.map(u32::from);
        }
        reported
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
