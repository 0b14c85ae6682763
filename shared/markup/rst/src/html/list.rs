//! Bullet lists and enumerated lists (reStructuredText specification, "Bullet Lists", "Enumerated Lists").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn bullet_list(&mut self, node: NodeId) -> Then {
        let tight = self.is_tight(node);
        self.tight.push(tight);
        self.open_strict("ul", node, &[]);
        self.out.push('\n');
        close("</ul>\n")
    }

    pub(super) fn enumerated_list(&mut self, node: NodeId) -> Then {
        let tight = self.is_tight(node);
        self.tight.push(tight);
        self.more_ids(node);
        self.begin("ol", node, &[]);
        let kind = match self.doc.get(node, "enumtype") {
            Some("loweralpha") => Some("a"),
            Some("upperalpha") => Some("A"),
            Some("lowerroman") => Some("i"),
            Some("upperroman") => Some("I"),
            _ => None,
        };
        if let Some(kind) = kind {
            self.attribute("type", kind);
        }
        if let Some(start) = self.doc.int(node, "start").filter(|s| *s != 1) {
            self.attribute("start", &start.to_string());
        }
        self.end();
        self.out.push('\n');
        close("</ol>\n")
    }

    pub(super) fn list_item(&mut self, node: NodeId) -> Then {
        self.open("li", node, &[]);
        if let Some(checked) = self.doc.int(node, "checked") {
            self.out.push_str(if checked == 1 {
                "<input type=\"checkbox\" aria-label=\"Done\" disabled checked> "
            } else {
                "<input type=\"checkbox\" aria-label=\"To do\" disabled> "
            });
        }
        close("</li>\n")
    }

    /// Markdown says whether a list is tight; elsewhere it is when each item is one paragraph, or one with lists below.
    fn is_tight(&self, list: NodeId) -> bool {
        if let Some(tight) = self.doc.int(list, "tight") {
            return tight == 1;
        }
        self.doc.children(list).all(|item| {
            self.doc.children(item).enumerate().all(|(i, child)| match self.doc.kind(child) {
                Kind::Paragraph => i == 0,
                Kind::BulletList | Kind::EnumeratedList => true,
                kind => kind.is_invisible(),
            })
        })
    }
}
