//! Paragraphs, quotes, line blocks and other simple blocks (doctree reference, "Body Elements").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn paragraph(&mut self, node: NodeId) -> Then {
        if self.goes_without_tag(node) {
            let last = self.doc.next_sibling(node).is_none();
            return close(if last { "" } else { "\n" });
        }
        self.open("p", node, &[]);
        close("</p>\n")
    }

    /// True for a paragraph that is the whole of its cell or item.
    fn goes_without_tag(&self, node: NodeId) -> bool {
        let plain = self.doc.ids(node).is_empty() && self.doc.classes(node).is_empty();
        let only = self.doc.next_sibling(node).is_none() && self.doc.prev_sibling(node).is_none();
        plain
            && match self.parent_kind(node) {
                Some(Kind::ListItem) => self.tight.last().copied().unwrap_or(false),
                Some(Kind::Entry | Kind::FieldBody | Kind::Definition | Kind::Description) => only,
                _ => false,
            }
    }

    pub(super) fn block(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Compound => self.division(node, "compound"),
            Kind::Container => self.division(node, ""),
            Kind::BlockQuote => {
                self.open("blockquote", node, &[]);
                self.out.push('\n');
                close("</blockquote>\n")
            }
            Kind::Attribution => {
                self.open("p", node, &["attribution"]);
                self.out.push('—');
                close("</p>\n")
            }
            Kind::LineBlock => self.division(node, "line-block"),
            Kind::Line => {
                self.open("div", node, &["line"]);
                if !self.doc.has_children(node) {
                    self.out.push_str("<br>");
                }
                close("</div>\n")
            }
            Kind::Rubric => self.rubric(node),
            Kind::Centered => {
                self.open("p", node, &["centered"]);
                self.out.push_str("<strong>");
                close("</strong></p>\n")
            }
            Kind::Glossary => self.division(node, "glossary"),
            Kind::Hlist => self.division(node, "hlist"),
            Kind::Hlistcol => self.division(node, "hlist-column"),
            Kind::Acks => self.division(node, "acks"),
            Kind::Unsupported => {
                self.open("div", node, &["unsupported"]);
                close("</div>\n")
            }
            Kind::Comment | Kind::SubstitutionDefinition | Kind::Pending => Then::Done,
            _ => Then::nothing(),
        }
    }

    fn division(&mut self, node: NodeId, class: &str) -> Then {
        let classes = [class];
        self.open("div", node, if class.is_empty() { &[] } else { &classes });
        self.out.push('\n');
        close("</div>\n")
    }

    /// A heading outside the order of sections; Markdown has them in quotes and lists, with a level.
    fn rubric(&mut self, node: NodeId) -> Then {
        if let Some(level) = self.doc.int(node, "heading-level").and_then(|l| u32::try_from(l).ok()) {
            let shift = if self.bare() { 0 } else { u32::from(self.options.heading_level) - 1 };
            return self.heading(node, level + shift, None);
        }
        self.open("p", node, &["rubric"]);
        close("</p>\n")
    }
}
