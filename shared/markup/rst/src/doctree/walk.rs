//! Ways through the tree. None of them recurses, so a deep tree costs no stack.

use super::{Document, Kind, NONE, NodeId};

/// Entering or leaving a node, in document order. A text node is entered and left too.
///
/// ```
/// use guildhall_rst::{Event, Kind, Options, parse};
/// let doc = parse("a *b*\n", &Options::new("a.rst"));
/// let mut out = String::new();
/// for event in doc.events(doc.root()) {
///     match event {
///         Event::Enter(node) if doc.kind(node) == Kind::Text => out += doc.text(node),
///         Event::Enter(node) => out += &format!("<{}>", doc.kind(node).name()),
///         Event::Leave(_) => {}
///     }
/// }
/// assert_eq!(out, "<document><paragraph>a <emphasis>b");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The node begins; its children follow.
    Enter(NodeId),
    /// The node ends.
    Leave(NodeId),
}

/// The children of a node.
pub struct Children<'d> {
    doc: &'d Document,
    next: Option<NodeId>,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let node = self.next?;
        self.next = self.doc.next_sibling(node);
        Some(node)
    }
}

/// A node and all below it, as events.
pub struct Events<'d> {
    doc: &'d Document,
    top: NodeId,
    next: Option<Event>,
}

impl Iterator for Events<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let event = self.next?;
        self.next = match event {
            Event::Enter(node) => Some(self.doc.first_child(node).map_or(Event::Leave(node), Event::Enter)),
            Event::Leave(node) if node == self.top => None,
            Event::Leave(node) => match self.doc.next_sibling(node) {
                Some(next) => Some(Event::Enter(next)),
                None => self.doc.parent(node).map(Event::Leave),
            },
        };
        Some(event)
    }
}

impl Events<'_> {
    /// After `Enter(node)`: goes on with `Leave(node)`, without the children.
    pub fn skip_children(&mut self, node: NodeId) {
        self.next = Some(Event::Leave(node));
    }
}

/// A node and all below it, parents before children.
pub struct Descendants<'d>(Events<'d>);

impl Iterator for Descendants<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        loop {
            if let Event::Enter(node) = self.0.next()? {
                return Some(node);
            }
        }
    }
}

impl Document {
    /// The node above; none for the document and for nodes outside the tree.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self[node].parent.some()
    }

    /// The first child.
    pub fn first_child(&self, node: NodeId) -> Option<NodeId> {
        self[node].first.some()
    }

    /// The last child.
    pub fn last_child(&self, node: NodeId) -> Option<NodeId> {
        self[node].last.some()
    }

    /// The next node under the same parent.
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        self[node].next.some()
    }

    /// The previous node under the same parent.
    pub fn prev_sibling(&self, node: NodeId) -> Option<NodeId> {
        self[node].prev.some()
    }

    /// True when the node has children.
    pub fn has_children(&self, node: NodeId) -> bool {
        self[node].first != NONE
    }

    /// The children of a node, in order.
    pub fn children(&self, node: NodeId) -> Children<'_> {
        Children { doc: self, next: self.first_child(node) }
    }

    /// A node and all below it, parents before children.
    pub fn descendants(&self, node: NodeId) -> Descendants<'_> {
        Descendants(self.events(node))
    }

    /// Entering and leaving a node and all below it.
    pub fn events(&self, node: NodeId) -> Events<'_> {
        Events { doc: self, top: node, next: Some(Event::Enter(node)) }
    }

    /// All nodes of one kind in the tree, in document order.
    pub fn all(&self, kind: Kind) -> Vec<NodeId> {
        match self.has_kind(kind) {
            true => self.descendants(self.root()).filter(|&n| self.kind(n) == kind).collect(),
            false => Vec::new(),
        }
    }

    /// The parents of a node, the nearest first.
    pub fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(node), move |&n| self.parent(n))
    }

    /// All text below a node: body elements separated by an empty line, inline elements by nothing.
    pub fn text_of(&self, node: NodeId) -> String {
        let mut out = String::new();
        for event in self.events(node) {
            let Event::Enter(n) = event else { continue };
            if n != node
                && let (Some(parent), Some(prev)) = (self.parent(n), self.prev_sibling(n))
                && !self.kind(parent).is_text_element()
                && prev != NONE
            {
                out.push_str("\n\n");
            }
            match self.kind(n) {
                Kind::Text => out.push_str(self.text(n)),
                Kind::Image => out.push_str(self.get(n, "alt").unwrap_or("")),
                _ => {}
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_paragraphs_apart() {
        let mut doc = Document::new("t");
        let root = doc.root();
        let p = doc.add_with_text(root, Kind::Paragraph, "a ");
        doc.add_with_text(p, Kind::Emphasis, "b");
        doc.add_with_text(root, Kind::Paragraph, "c");
        assert_eq!(doc.text_of(root), "a b\n\nc");
        assert_eq!(doc.descendants(root).count(), 7);
        assert_eq!(doc.events(p).filter(|e| matches!(e, Event::Leave(_))).count(), 4);
    }
}
