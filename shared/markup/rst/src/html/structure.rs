//! Document, sections, titles, topics, sidebars, the bibliography (doctree reference, "Structural Elements").

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
            Kind::Docinfo => {
                self.open_strict("dl", node, &["docinfo"]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::Meta => Then::Done,
            Kind::Authors => {
                self.docinfo_name("Authors", "authors");
                close("</dd>\n")
            }
            Kind::Author if self.parent_kind(node) == Some(Kind::Authors) => {
                self.open("p", node, &[]);
                close("</p>\n")
            }
            kind if (Kind::Author..=Kind::Copyright).contains(&kind) => self.docinfo_item(node),
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

    /// The level of the headings of sections at this depth.
    pub(super) fn level(&self) -> u32 {
        u32::from(self.options.heading_level) + self.titled + self.depth.saturating_sub(1)
    }

    fn title(&mut self, node: NodeId) -> Then {
        let parent = self.doc.parent(node);
        match parent.map(|p| self.doc.kind(p)) {
            Some(Kind::Document) => self.heading(node, u32::from(self.options.heading_level), parent),
            Some(Kind::Section) => {
                let written = parent.and_then(|p| self.doc.int(p, "level")).and_then(|l| u32::try_from(l).ok());
                let level = written.filter(|_| self.bare()).unwrap_or_else(|| self.level());
                self.heading(node, level, parent)
            }
            Some(Kind::Table) => {
                self.open("caption", node, &[]);
                close("</caption>\n")
            }
            Some(Kind::Sidebar) => {
                self.open("p", node, &["sidebar-title"]);
                close("</p>\n")
            }
            Some(kind) if kind.is_admonition() || kind == Kind::Seealso => {
                self.open("p", node, &["admonition-title"]);
                close("</p>\n")
            }
            _ => {
                self.open("p", node, &["topic-title"]);
                close("</p>\n")
            }
        }
    }

    /// A heading of any level; beyond the sixth it is a paragraph with the role of one.
    pub(super) fn heading(&mut self, node: NodeId, level: u32, owner: Option<NodeId>) -> Then {
        const CLOSERS: [&str; 6] = ["</h1>\n", "</h2>\n", "</h3>\n", "</h4>\n", "</h5>\n", "</h6>\n"];
        const TAGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
        let at = usize::try_from(level.clamp(1, 6) - 1).unwrap_or(0);
        let (tag, closer) = if level > 6 { ("p", "</p>\n") } else { (TAGS[at], CLOSERS[at]) };
        if self.doc.ids(node).is_empty()
            && let Some(owner) = owner.filter(|&o| self.doc.kind(o) == Kind::Document && !self.bare())
        {
            self.begin(tag, node, &[]);
            if let Some(id) = self.doc.ids(owner).first() {
                self.id_attribute(id);
            }
        } else {
            self.begin(tag, node, &[]);
        }
        if level > 6 {
            self.attribute("role", "heading");
            self.attribute("aria-level", &level.to_string());
        }
        self.end();
        self.more_ids(node);
        let link = owner.filter(|_| self.options.heading_links && !self.bare()).and_then(|o| self.doc.ids(o).first());
        let Some(id) = link.cloned() else { return close(closer) };
        // The link is written apart, behind the words: a heading is read out without it.
        let mut after = String::from("<a class=\"headerlink\"");
        std::mem::swap(&mut after, &mut self.out);
        self.local_href(&id);
        self.out.push_str(" aria-hidden=\"true\" tabindex=\"-1\">¶</a>");
        std::mem::swap(&mut after, &mut self.out);
        after.push_str(closer);
        Then::Close(after.into())
    }

    fn topic(&mut self, node: NodeId) -> Then {
        if self.doc.has_class(node, "contents") {
            self.begin("nav", node, &[]);
            self.attribute("role", "doc-toc");
            self.end();
            self.out.push('\n');
            return close("</nav>\n");
        }
        let section = ["abstract", "dedication"].iter().any(|c| self.doc.has_class(node, c));
        self.open(if section { "div" } else { "aside" }, node, &["topic"]);
        self.out.push('\n');
        close(if section { "</div>\n" } else { "</aside>\n" })
    }

    fn docinfo_name(&mut self, name: &str, class: &str) {
        self.out.push_str("<dt class=\"");
        self.out.push_str(class);
        self.out.push_str("\">");
        self.out.push_str(name);
        self.out.push_str("</dt>\n<dd class=\"");
        self.out.push_str(class);
        self.out.push_str("\">");
    }

    fn docinfo_item(&mut self, node: NodeId) -> Then {
        let (name, class) = match self.doc.kind(node) {
            Kind::Author => ("Author", "author"),
            Kind::Organization => ("Organization", "organization"),
            Kind::Address => ("Address", "address"),
            Kind::Contact => ("Contact", "contact"),
            Kind::Version => ("Version", "version"),
            Kind::Revision => ("Revision", "revision"),
            Kind::Status => ("Status", "status"),
            Kind::Date => ("Date", "date"),
            _ => ("Copyright", "copyright"),
        };
        self.docinfo_name(name, class);
        if class == "address" {
            self.out.push_str("<pre>");
            return close("</pre></dd>\n");
        }
        close("</dd>\n")
    }
}
