//! Figures: caption and legend share one `figcaption` (directives reference, "Figure").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn figure(&mut self, node: NodeId) -> Then {
        let align = self.doc.get(node, "align").map(|a| format!("align-{a}"));
        match &align {
            Some(align) => self.open("figure", node, &[align]),
            None => self.open("figure", node, &[]),
        }
        self.out.push('\n');
        close("</figure>\n")
    }

    /// The words of a figure, or those above a block of code.
    pub(super) fn caption(&mut self, node: NodeId) -> Then {
        if self.parent_kind(node) != Some(Kind::Figure) {
            self.open("p", node, &["caption"]);
            return close("</p>\n");
        }
        self.out.push_str("<figcaption>\n");
        self.open("p", node, &[]);
        let legend = self.doc.next_sibling(node).is_some_and(|n| self.doc.kind(n) == Kind::Legend);
        close(if legend { "</p>\n" } else { "</p>\n</figcaption>\n" })
    }

    pub(super) fn legend(&mut self, node: NodeId) -> Then {
        let captioned = self.doc.prev_sibling(node).is_some_and(|n| self.doc.kind(n) == Kind::Caption);
        if !captioned {
            self.out.push_str("<figcaption>\n");
        }
        self.open("div", node, &["legend"]);
        self.out.push('\n');
        close("</div>\n</figcaption>\n")
    }
}
