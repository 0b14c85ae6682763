//! The document tree: one arena of nodes linked by number, one buffer for all text.
//!
//! Elements and attributes are those of "The Docutils Document Tree" (docutils, docs/ref/doctree), plus the
//! nodes of the Sphinx dialect. A node is named by its [`NodeId`], which stays valid as long as the document;
//! a node that is taken out of the tree keeps its id and its children.
//!
//! ```
//! use guildhall_rst::{Document, Kind};
//! let mut doc = Document::new("readme.rst");
//! let root = doc.root();
//! let paragraph = doc.add(root, Kind::Paragraph);
//! doc.add_text(paragraph, "Hello");
//! assert_eq!(doc.text_of(root), "Hello");
//! assert_eq!(doc.children(root).collect::<Vec<_>>(), [paragraph]);
//! ```

mod attribute;
mod kind;
mod message;
pub mod names;
mod pending;
mod targets;
mod walk;

use std::ops::{Index, IndexMut};

pub use attribute::{Key, LIST_ATTRIBUTES, Value};
pub use kind::Kind;
pub use message::{Level, Message};
pub use pending::{Detail, Pending};
pub use targets::Targets;
pub use walk::{Children, Descendants, Event, Events};

/// The number of a node in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

const NONE: NodeId = NodeId(u32::MAX);

impl NodeId {
    fn some(self) -> Option<NodeId> {
        (self != NONE).then_some(self)
    }
}

/// One node of the arena: an element, or a run of text.
#[derive(Clone, Debug)]
pub struct Node {
    kind: Kind,
    source: u16,
    line: u32,
    parent: NodeId,
    first: NodeId,
    last: NodeId,
    prev: NodeId,
    next: NodeId,
    /// Text of a text node, source of an element, as a range of the text buffer.
    text: (u32, u32),
    attributes: Vec<(Key, Value)>,
}

/// A document: its tree, its messages, and the books that transforms keep about targets and references.
#[derive(Clone, Debug)]
pub struct Document {
    nodes: Vec<Node>,
    text: String,
    /// Where backslashes stood: for typographic quotes and for names of authors.
    escapes: Vec<(u32, bool)>,
    /// What was found wrong, in the order of finding; each is also a `system_message` element, when it was placed.
    pub messages: Vec<Message>,
    /// How many of the messages are more than information.
    faults: usize,
    /// Names, ids, footnotes, citations and references seen so far.
    pub targets: Targets,
    /// How many nodes of each kind were made, to pass by what a document does not have.
    counts: Vec<u32>,
    /// The plans of the `pending` elements, in the order of their ids.
    pending: Vec<(NodeId, Pending)>,
    sources: Vec<String>,
    /// Source and line being read: what a node without a line of its own gets when it is put into the tree.
    here: (u16, u32),
    /// Source and line of the outermost block being read: shown in messages about what has no place of its own.
    outer: (u16, u32),
}

impl Document {
    /// An empty document read from `source` (a path or a description, shown in messages).
    pub fn new(source: &str) -> Document {
        let mut doc = Document {
            nodes: Vec::new(),
            text: String::new(),
            escapes: Vec::new(),
            messages: Vec::new(),
            faults: 0,
            targets: Targets::default(),
            counts: vec![0; Kind::ALL.len()],
            pending: Vec::new(),
            sources: vec![source.to_owned()],
            here: (0, 0),
            outer: (0, 0),
        };
        let root = doc.create(Kind::Document);
        doc.set(root, "source", source);
        doc
    }

    /// The `document` element.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// How many nodes the arena holds, those taken out of the tree included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True when the document has no content.
    pub fn is_empty(&self) -> bool {
        self.first_child(self.root()).is_none()
    }

    /// A new element outside the tree.
    pub fn create(&mut self, kind: Kind) -> NodeId {
        self.counts[kind as usize] += 1;
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX - 1));
        self.nodes.push(Node {
            kind,
            source: self.here.0,
            line: 0,
            parent: NONE,
            first: NONE,
            last: NONE,
            prev: NONE,
            next: NONE,
            text: (0, 0),
            attributes: Vec::new(),
        });
        id
    }

    /// A new text node outside the tree.
    pub fn create_text(&mut self, text: &str) -> NodeId {
        let start = self.text.len();
        self.text.push_str(text);
        self.create_text_since(start)
    }

    /// Where the next character of text will be put; see [`Document::create_text_since`].
    pub(crate) fn text_mark(&self) -> usize {
        self.text.len()
    }

    /// The buffer that holds all text, to append to.
    pub(crate) fn text_buffer(&mut self) -> &mut String {
        &mut self.text
    }

    /// A text node of all that was appended to the text buffer since `start`.
    pub(crate) fn create_text_since(&mut self, start: usize) -> NodeId {
        let range = (u32::try_from(start).unwrap_or(0), u32::try_from(self.text.len()).unwrap_or(0));
        let id = self.create(Kind::Text);
        self[id].text = range;
        id
    }

    /// A new element as the last child of `parent`.
    pub fn add(&mut self, parent: NodeId, kind: Kind) -> NodeId {
        let id = self.create(kind);
        self.append(parent, id);
        id
    }

    /// A new text node as the last child of `parent`.
    pub fn add_text(&mut self, parent: NodeId, text: &str) -> NodeId {
        let id = self.create_text(text);
        self.append(parent, id);
        id
    }

    /// A new element that holds one text, as the last child of `parent`.
    pub fn add_with_text(&mut self, parent: NodeId, kind: Kind, text: &str) -> NodeId {
        let id = self.add(parent, kind);
        self.add_text(id, text);
        id
    }

    /// True when a node of this kind was made, in the tree or not.
    pub(crate) fn has_kind(&self, kind: Kind) -> bool {
        self.counts[kind as usize] > 0
    }

    /// What the node is.
    pub fn kind(&self, node: NodeId) -> Kind {
        self[node].kind
    }

    /// Makes the node something else; attributes and children stay.
    pub fn set_kind(&mut self, node: NodeId, kind: Kind) {
        self.counts[kind as usize] += 1;
        self[node].kind = kind;
    }

    /// The source line on which the node begins, counted from 1, when it is known.
    pub fn line(&self, node: NodeId) -> Option<u32> {
        Some(self[node].line).filter(|line| *line > 0)
    }

    /// Notes the source line of a node.
    pub fn set_line(&mut self, node: NodeId, line: u32) {
        self[node].line = line;
    }

    /// The file that the node was read from.
    pub fn source(&self, node: NodeId) -> &str {
        self.sources.get(usize::from(self[node].source)).map_or("", String::as_str)
    }

    /// The number of a source, for [`Document::set_here`]; a new one is remembered.
    pub(crate) fn source_number(&mut self, source: &str) -> u16 {
        let known = self.sources.iter().position(|s| s == source);
        let number = known.unwrap_or_else(|| {
            self.sources.push(source.to_owned());
            self.sources.len() - 1
        });
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    /// The name of a numbered source.
    pub(crate) fn source_name(&self, number: u16) -> &str {
        self.sources.get(usize::from(number)).map_or("", String::as_str)
    }

    /// Says where a node was read.
    pub(crate) fn set_place(&mut self, node: NodeId, source: u16, line: u32) {
        (self[node].source, self[node].line) = (source, line);
    }

    /// Says which line is being read.
    pub(crate) fn set_here(&mut self, source: u16, line: u32) {
        self.here = (source, line);
    }

    /// Says which outermost line is being read.
    pub(crate) fn set_outer(&mut self, source: u16, line: u32) {
        self.outer = (source, line);
    }

    /// Which outermost line is being read: number of the source, line.
    pub(crate) fn outer(&self) -> (u16, u32) {
        self.outer
    }

    /// Which line is being read: number of the source, line.
    pub(crate) fn here(&self) -> (u16, u32) {
        self.here
    }

    /// Gives the node the place of another one.
    pub(crate) fn copy_place(&mut self, from: NodeId, to: NodeId) {
        let (source, line) = (self[from].source, self[from].line);
        (self[to].source, self[to].line) = (source, line);
    }

    /// The text of a text node; empty for elements (see [`Document::text_of`]).
    pub fn text(&self, node: NodeId) -> &str {
        match self.kind(node) {
            Kind::Text => self.range(node),
            _ => "",
        }
    }

    fn range(&self, node: NodeId) -> &str {
        let (start, end) = self[node].text;
        &self.text[start as usize..end as usize]
    }

    /// The source that an element was read from, where it was kept: references and substitution definitions.
    pub fn raw_source(&self, node: NodeId) -> &str {
        match self.kind(node) {
            Kind::Text => "",
            _ => self.range(node),
        }
    }

    /// Keeps the source of an element.
    pub fn set_raw_source(&mut self, node: NodeId, source: &str) {
        let start = u32::try_from(self.text.len()).unwrap_or(0);
        self.text.push_str(source);
        self[node].text = (start, u32::try_from(self.text.len()).unwrap_or(start));
    }

    /// Keeps the source of an element, of which `from..to` is its only text; both share the buffer.
    pub(crate) fn set_source_and_text(&mut self, node: NodeId, source: &str, from: usize, to: usize) {
        self.set_raw_source(node, source);
        let start = self[node].text.0;
        let text = self.create(Kind::Text);
        let offset = |at: usize| start + u32::try_from(at).unwrap_or(0);
        self[text].text = (offset(from), offset(to));
        self.append(node, text);
    }

    /// Where backslashes stood in a text node, as offsets in its text: before a character, or (true) before white
    /// space that is gone.
    pub(crate) fn escapes_in(&self, node: NodeId) -> Vec<(usize, bool)> {
        let (start, end) = self[node].text;
        let first = self.escapes.partition_point(|(at, _)| *at < start);
        let inside = self.escapes[first..].iter().take_while(|(at, _)| *at < end);
        inside.map(|(at, gone)| ((at - start) as usize, *gone)).collect()
    }

    /// Notes that a backslash stood before the next character of the buffer, or before white space that is gone.
    pub(crate) fn note_escape(&mut self, gone: bool) {
        self.escapes.push((u32::try_from(self.text.len()).unwrap_or(u32::MAX), gone));
    }

    /// Gives a text node other text.
    pub fn set_text(&mut self, node: NodeId, text: &str) {
        let start = u32::try_from(self.text.len()).unwrap_or(0);
        self.text.push_str(text);
        self[node].text = (start, u32::try_from(self.text.len()).unwrap_or(start));
    }

    /// Puts `child` after the last child of `parent`; a child that stands elsewhere is taken from there.
    pub fn append(&mut self, parent: NodeId, child: NodeId) {
        if self[child].parent != NONE {
            self.detach(child);
        }
        let last = self[parent].last;
        self[child].parent = parent;
        self[child].prev = last;
        if self[child].line == 0 && !self[child].kind.is_inline() {
            self[child].line = self.here.1;
        }
        match last.some() {
            Some(last) => self[last].next = child,
            None => self[parent].first = child,
        }
        self[parent].last = child;
    }

    /// Puts `node` before `anchor`, under the same parent.
    pub fn insert_before(&mut self, anchor: NodeId, node: NodeId) {
        if self[node].parent != NONE {
            self.detach(node);
        }
        let (parent, prev) = (self[anchor].parent, self[anchor].prev);
        self[node].parent = parent;
        self[node].prev = prev;
        self[node].next = anchor;
        self[anchor].prev = node;
        match prev.some() {
            Some(prev) => self[prev].next = node,
            None if parent != NONE => self[parent].first = node,
            None => {}
        }
    }

    /// Puts `node` after `anchor`, under the same parent.
    pub fn insert_after(&mut self, anchor: NodeId, node: NodeId) {
        match (self[anchor].next.some(), self[anchor].parent.some()) {
            (Some(next), _) => self.insert_before(next, node),
            (None, Some(parent)) => self.append(parent, node),
            (None, None) => {}
        }
    }

    /// Puts `child` before the first child of `parent`.
    pub fn prepend(&mut self, parent: NodeId, child: NodeId) {
        match self[parent].first.some() {
            Some(first) => self.insert_before(first, child),
            None => self.append(parent, child),
        }
    }

    /// Takes a node out of the tree; it keeps its children.
    pub fn detach(&mut self, node: NodeId) {
        let (parent, prev, next) = (self[node].parent, self[node].prev, self[node].next);
        match prev.some() {
            Some(prev) => self[prev].next = next,
            None if parent != NONE => self[parent].first = next,
            None => {}
        }
        match next.some() {
            Some(next) => self[next].prev = prev,
            None if parent != NONE => self[parent].last = prev,
            None => {}
        }
        let node = &mut self[node];
        (node.parent, node.prev, node.next) = (NONE, NONE, NONE);
    }

    /// Puts other nodes in the place of one; it is taken out of the tree.
    pub fn replace(&mut self, node: NodeId, with: &[NodeId]) {
        for &other in with {
            self.insert_before(node, other);
        }
        self.detach(node);
    }

    /// Moves all children of `from` to the end of `to`.
    pub fn move_children(&mut self, from: NodeId, to: NodeId) {
        while let Some(child) = self.first_child(from) {
            self.append(to, child);
        }
    }

    /// A copy of a node and all below it, outside the tree.
    pub fn copy(&mut self, node: NodeId) -> NodeId {
        let top = self.copy_shallow(node);
        let mut work = vec![(node, top)];
        while let Some((from, to)) = work.pop() {
            let mut child = self.first_child(from);
            while let Some(c) = child {
                let twin = self.copy_shallow(c);
                self.append(to, twin);
                work.push((c, twin));
                child = self.next_sibling(c);
            }
        }
        top
    }

    /// A copy of a node of another document and all below it, outside the tree.
    pub fn import(&mut self, other: &Document, node: NodeId) -> NodeId {
        let top = self.import_shallow(other, node);
        let mut work = vec![(node, top)];
        while let Some((from, to)) = work.pop() {
            for child in other.children(from) {
                let twin = self.import_shallow(other, child);
                self.append(to, twin);
                work.push((child, twin));
            }
        }
        top
    }

    fn import_shallow(&mut self, other: &Document, node: NodeId) -> NodeId {
        let twin = match other.kind(node) {
            Kind::Text => self.create_text(other.text(node)),
            kind => self.create(kind),
        };
        self[twin].attributes = other[node].attributes.clone();
        self[twin].line = other[node].line;
        twin
    }

    /// A copy of a node without its children.
    pub(crate) fn copy_shallow(&mut self, node: NodeId) -> NodeId {
        let twin = self.create(self.kind(node));
        self.copy_place(node, twin);
        self[twin].text = self[node].text;
        self[twin].attributes = self[node].attributes.clone();
        twin
    }
}

impl Index<NodeId> for Document {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

impl IndexMut<NodeId> for Document {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_move_and_leave() {
        let mut doc = Document::new("t");
        let root = doc.root();
        let a = doc.add(root, Kind::Paragraph);
        let b = doc.add(root, Kind::Paragraph);
        let c = doc.create(Kind::Comment);
        doc.insert_before(b, c);
        assert_eq!(doc.children(root).collect::<Vec<_>>(), [a, c, b]);
        doc.prepend(root, b);
        assert_eq!(doc.children(root).collect::<Vec<_>>(), [b, a, c]);
        doc.replace(a, &[]);
        assert_eq!(doc.children(root).collect::<Vec<_>>(), [b, c]);
        assert_eq!(doc.parent(a), None);
        doc.insert_after(c, a);
        assert_eq!(doc.last_child(root), Some(a));
    }

    #[test]
    fn lists_come_and_go() {
        let mut doc = Document::new("t");
        let root = doc.root();
        doc.add_class(root, "x");
        doc.add_class(root, "x");
        assert_eq!(doc.classes(root), ["x"]);
        assert!(doc.pull(root, "classes", "x"));
        assert!(!doc.has(root, "classes"));
    }
}
