//! Lists of all kinds (reStructuredText specification, "Bullet Lists" to "Option Lists").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn list(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::BulletList => {
                let tight = self.is_tight(node);
                self.tight.push(tight);
                self.open_strict("ul", node, &[]);
                self.out.push('\n');
                close("</ul>\n")
            }
            Kind::EnumeratedList => self.enumerated_list(node),
            Kind::ListItem => self.list_item(node),
            Kind::DefinitionList => {
                self.open_strict("dl", node, &[]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::DefinitionListItem => Then::nothing(),
            Kind::Term => {
                self.open("dt", node, &[]);
                // The classifiers stand in the same line, but beside the term in the tree.
                let classified = self.doc.next_sibling(node).is_some_and(|n| self.doc.kind(n) == Kind::Classifier);
                close(if classified { "" } else { "</dt>\n" })
            }
            Kind::Classifier => {
                self.out.push_str(" <span class=\"classifier-delimiter\">:</span> ");
                self.open("span", node, &["classifier"]);
                let more = self.doc.next_sibling(node).is_some_and(|n| self.doc.kind(n) == Kind::Classifier);
                close(if more { "</span>" } else { "</span></dt>\n" })
            }
            Kind::Definition | Kind::FieldBody | Kind::Description => {
                self.open("dd", node, &[]);
                close("</dd>\n")
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
            _ => Then::nothing(),
        }
    }

    fn enumerated_list(&mut self, node: NodeId) -> Then {
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

    fn list_item(&mut self, node: NodeId) -> Then {
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
