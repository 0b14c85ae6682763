//! Definition lists, and field lists as lists of the same kind (reStructuredText specification, "Definition Lists", "Field
//! Lists").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn definition_list(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::DefinitionList => {
                self.open_strict("dl", node, &[]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::Term => {
                self.open("dt", node, &[]);
                // The classifiers stand in the same line, but beside the term in the tree.
                close(if self.classifier_follows(node) { "" } else { "</dt>\n" })
            }
            Kind::Classifier => {
                self.out.push_str(" <span class=\"classifier-delimiter\">:</span> ");
                self.open("span", node, &["classifier"]);
                close(if self.classifier_follows(node) { "</span>" } else { "</span></dt>\n" })
            }
            Kind::FieldList => {
                self.open_strict("dl", node, &["field-list"]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::FieldName => {
                self.open("dt", node, &[]);
                close("</dt>\n")
            }
            Kind::Definition | Kind::FieldBody => self.description(node),
            _ => Then::nothing(),
        }
    }

    fn classifier_follows(&self, node: NodeId) -> bool {
        self.doc.next_sibling(node).is_some_and(|n| self.doc.kind(n) == Kind::Classifier)
    }

    /// What stands beside a term, a field's name or a group of options.
    pub(super) fn description(&mut self, node: NodeId) -> Then {
        self.open("dd", node, &[]);
        close("</dd>\n")
    }
}
