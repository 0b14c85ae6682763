//! The document tree: one arena of nodes linked by number, one buffer for all text.
//!
//! Elements and attributes are those of "The Docutils Document Tree" (docutils, docs/ref/doctree), plus the
//! nodes of the Sphinx dialect. A node is named by its [`NodeId`], which stays valid as long as the document;
//! a node that is taken out of the tree keeps its id and its children. An id belongs to the document that gave it:
//! asked about that of another one, a document answers for a node of its own, or panics when it has none of that number.
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
mod edit;
mod ids;
mod kind;
mod message;
pub mod names;
mod pending;
mod place;
mod targets;
mod text;
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
    /// The column that it begins in, counted from 1, when that is known.
    column: u16,
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
    /// Lines and columns of references in running text, in the order of their ids: an inline element has no line of its
    /// own, but a message about it shall say where it stands.
    spots: Vec<(NodeId, u32, u16)>,
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
            spots: Vec::new(),
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
            column: 0,
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
