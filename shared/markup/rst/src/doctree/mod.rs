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

    /// Says in which column a node begins, counted from 1.
    pub(crate) fn set_column(&mut self, node: NodeId, column: u16) {
        self[node].column = column;
    }

    /// Says where a reference in running text stands; line and column are counted from 1.
    pub(crate) fn set_spot(&mut self, node: NodeId, line: u32, column: u16) {
        let at = match self.spots.last() {
            Some((last, ..)) if *last >= node => self.spots.partition_point(|(known, ..)| *known < node),
            _ => self.spots.len(),
        };
        self.spots.insert(at, (node, line, column));
    }

    /// The line and the column of a node, as far as they are known: its own place, or that of its text.
    pub(crate) fn spot(&self, node: NodeId) -> (Option<u32>, Option<u16>) {
        if let Ok(at) = self.spots.binary_search_by_key(&node, |(known, ..)| *known) {
            let (_, line, column) = self.spots[at];
            return (Some(line), Some(column));
        }
        (self.line(node), Some(self[node].column).filter(|column| *column > 0 && self.line(node).is_some()))
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
        let (source, line, column) = (self[from].source, self[from].line, self[from].column);
        (self[to].source, self[to].line, self[to].column) = (source, line, column);
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
