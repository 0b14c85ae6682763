//! Titles of documents, sections, tables, topics and admonitions (doctree reference, "title").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    /// The level of the headings of sections at this depth.
    fn level(&self) -> u32 {
        u32::from(self.options.heading_level) + self.titled + self.depth.saturating_sub(1)
    }

    pub(super) fn title(&mut self, node: NodeId) -> Then {
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
}
