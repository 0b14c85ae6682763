//! A lone section becomes the title of the document, its lone subsection the subtitle ("Docutils Transforms",
//! frontmatter.DocTitle).

use super::Work;
use crate::doctree::{Kind, NodeId, Value};

impl Work<'_, '_> {
    pub(super) fn doc_title(&mut self) {
        let root = self.doc.root();
        if let Some(section) = self.lone_section(root) {
            self.take_attributes(section, root);
            let mut children = self.doc.children(section).collect::<Vec<_>>().into_iter();
            if let Some(title) = children.next() {
                self.doc.prepend(root, title);
            }
            self.doc.replace(section, &children.collect::<Vec<_>>());
            self.promote_subtitle(root);
        }
        let title = self.doc.first_child(root).filter(|&n| self.doc.kind(n) == Kind::Title);
        if let (false, Some(title)) = (self.doc.has(root, "title"), title) {
            let text = self.doc.text_of(title);
            self.doc.set(root, "title", text);
        }
    }

    /// Makes the lone subsection of a node its subtitle.
    pub(super) fn promote_subtitle(&mut self, node: NodeId) {
        let Some(section) = self.lone_section(node) else { return };
        let Some(title) = self.doc.first_child(node) else { return };
        let subtitle = self.doc.create(Kind::Subtitle);
        self.take_attributes(section, subtitle);
        let mut children = self.doc.children(section).collect::<Vec<_>>().into_iter();
        if let Some(inner) = children.next() {
            self.doc.move_children(inner, subtitle);
        }
        self.doc.insert_after(title, subtitle);
        self.doc.replace(section, &children.collect::<Vec<_>>());
    }

    /// The only section of a node, when nothing but titles, comments and the like stands beside it.
    fn lone_section(&self, node: NodeId) -> Option<NodeId> {
        let first = self.doc.children(node).find(|&n| !is_before_bibliography(self.doc.kind(n)))?;
        (self.doc.kind(first) == Kind::Section && self.doc.next_sibling(first).is_none()).then_some(first)
    }

    /// Gives a node the attributes of a section, whose identifiers then lead to it.
    fn take_attributes(&mut self, section: NodeId, to: NodeId) {
        for (key, value) in self.doc.attributes(section).to_vec() {
            match (key.as_ref(), value) {
                ("ids", Value::List(list)) => self.doc.extend(to, "ids", list),
                ("names", Value::List(list)) => self.doc.extend(to, "names", list),
                ("classes", Value::List(list)) => self.doc.extend(to, "classes", list),
                ("dupnames", Value::List(list)) => self.doc.extend(to, "dupnames", list),
                ("backrefs", Value::List(list)) => self.doc.extend(to, "backrefs", list),
                (_, value) => self.doc.set(to, key, value),
            }
        }
        for id in self.doc.ids(section).to_vec() {
            self.doc.targets.ids.insert(id, to);
        }
        for name in self.doc.names(section).to_vec() {
            if let Some(owner) = self.doc.targets.names.get_mut(&name)
                && owner.node == Some(section)
            {
                owner.node = Some(to);
            }
        }
    }
}

/// What may stand before the bibliography of a document.
pub(super) fn is_before_bibliography(kind: Kind) -> bool {
    kind.is_invisible()
        || matches!(
            kind,
            Kind::SystemMessage | Kind::Title | Kind::Subtitle | Kind::Meta | Kind::Decoration | Kind::Raw
        )
}
