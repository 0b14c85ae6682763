//! Graphs, drawn by the caller (Sphinx documentation, extension `graphviz`).

use super::{Then, Writer, escape_into};
use crate::doctree::NodeId;

impl Writer<'_> {
    pub(super) fn graphviz(&mut self, node: NodeId) -> Then {
        let dot = self.doc.text_of(node);
        let alt = self.doc.get(node, "alt").unwrap_or("Graph");
        let layout = self.doc.get(node, "layout").unwrap_or("dot");
        self.open("div", node, &["graphviz"]);
        match self.options.hooks.graph(&dot, layout, alt) {
            Some(drawing) => self.out.push_str(&drawing),
            None => {
                self.out.push_str("<pre class=\"code\" tabindex=\"0\"><code class=\"language-dot\">");
                escape_into(&mut self.out, &dot);
                self.out.push_str("</code></pre>");
            }
        }
        self.out.push_str("</div>\n");
        Then::Done
    }
}
