//! Document, sections, topics, sidebars, transitions, header and footer (doctree reference, "Structural Elements").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn structure(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Document => self.document(node),
            Kind::Section => self.section(node),
            Kind::Title => self.title(node),
            Kind::Subtitle => {
                let class = if self.parent_kind(node) == Some(Kind::Sidebar) { "sidebar-subtitle" } else { "subtitle" };
                self.open("p", node, &[class]);
                close("</p>\n")
            }
            Kind::Topic => self.topic(node),
            Kind::Sidebar => {
                self.open("aside", node, &["sidebar"]);
                self.out.push('\n');
                close("</aside>\n")
            }
            Kind::Transition => {
                self.begin("hr", node, &[]);
                self.out.push_str(if self.bare() { " />\n" } else { ">\n" });
                Then::Done
            }
            Kind::Header | Kind::Footer => {
                let tag = self.doc.kind(node).name();
                self.open(tag, node, &[]);
                self.out.push('\n');
                close(if tag == "header" { "</header>\n" } else { "</footer>\n" })
            }
            Kind::Meta => Then::Done,
            kind if (Kind::Docinfo..=Kind::Copyright).contains(&kind) => self.docinfo(node),
            _ => Then::nothing(),
        }
    }

    fn document(&mut self, node: NodeId) -> Then {
        if self.titled == 0 || self.bare() {
            return Then::nothing();
        }
        for id in self.doc.ids(node).iter().skip(1) {
            self.anchor(id);
        }
        Then::nothing()
    }

    fn section(&mut self, node: NodeId) -> Then {
        self.depth += 1;
        if self.bare() {
            return Then::nothing();
        }
        self.open("section", node, &[]);
        self.out.push('\n');
        close("</section>\n")
    }

    /// What tells one table of contents from another: its title, or that of the section whose contents it lists.
    fn words_for_contents(&self, topic: NodeId) -> Option<String> {
        let titled = std::iter::once(topic).chain(self.doc.ancestors(topic));
        let title = titled.filter_map(|n| self.doc.first_child(n)).find(|&n| self.doc.kind(n) == Kind::Title)?;
        Some(self.doc.text_of(title))
    }

    fn topic(&mut self, node: NodeId) -> Then {
        if self.doc.has_class(node, "contents") {
            self.begin("nav", node, &[]);
            self.attribute("role", "doc-toc");
            if let Some(words) = self.words_for_contents(node) {
                self.attribute("aria-label", &words);
            }
            self.end();
            self.out.push('\n');
            return close("</nav>\n");
        }
        let section = ["abstract", "dedication"].iter().any(|c| self.doc.has_class(node, c));
        self.open(if section { "div" } else { "aside" }, node, &["topic"]);
        self.out.push('\n');
        close(if section { "</div>\n" } else { "</aside>\n" })
    }
}
