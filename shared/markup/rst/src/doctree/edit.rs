//! Where nodes stand: put in, taken out, moved, copied.

use super::{Document, Kind, NONE, NodeId};

impl Document {
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

    /// Puts `node` into the document below its titles and metadata.
    pub(crate) fn insert_below_titles(&mut self, node: NodeId) {
        let root = self.root();
        match self.children(root).find(|&n| !self.kind(n).is_titular()) {
            Some(next) => self.insert_before(next, node),
            None => self.append(root, node),
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
