//! Option lists (reStructuredText specification, "Option Lists").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn option_list(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::OptionList => {
                self.open_strict("dl", node, &["option-list"]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::OptionGroup => {
                self.open("dt", node, &[]);
                self.out.push_str("<kbd>");
                close("</kbd></dt>\n")
            }
            Kind::Option => {
                if self.doc.prev_sibling(node).is_some() {
                    self.out.push_str(", ");
                }
                self.open("span", node, &["option"]);
                close("</span>")
            }
            Kind::OptionArgument => {
                let delimiter = self.doc.get(node, "delimiter").unwrap_or(" ");
                super::escape_into(&mut self.out, delimiter);
                self.open("var", node, &[]);
                close("</var>")
            }
            Kind::Description => self.description(node),
            _ => Then::nothing(),
        }
    }
}
