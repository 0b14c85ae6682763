//! Grammars (Sphinx documentation, directive `productionlist`).

use super::{Then, Writer, close};
use crate::doctree::NodeId;

impl Writer<'_> {
    pub(super) fn production_list(&mut self, node: NodeId) -> Then {
        // `leave` takes it back.
        self.unlinkable += 1;
        self.begin("pre", node, &["productionlist"]);
        self.out.push_str(" tabindex=\"0\">\n");
        close("</pre>\n")
    }

    pub(super) fn production(&mut self, node: NodeId) -> Then {
        let name = self.doc.get(node, "tokenname").unwrap_or_default().to_owned();
        match self.doc.ids(node).first().cloned() {
            Some(_) => self.open("strong", node, &[]),
            None => self.out.push_str("<strong>"),
        }
        super::escape_into(&mut self.out, &name);
        self.out.push_str("</strong>");
        self.out.push_str(if name.is_empty() { "      " } else { " ::= " });
        close("\n")
    }
}
