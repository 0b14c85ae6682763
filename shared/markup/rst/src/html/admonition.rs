//! Admonitions and Sphinx's notes about versions (directives reference, "Admonitions").

use super::{Then, Writer, close, escape_into};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn admonition(&mut self, node: NodeId) -> Then {
        let kind = self.doc.kind(node);
        let title = match kind {
            Kind::Attention => "Attention",
            Kind::Caution => "Caution",
            Kind::Danger => "Danger",
            Kind::Error => "Error",
            Kind::Important => "Important",
            Kind::Note => "Note",
            Kind::Tip => "Tip",
            Kind::Hint => "Hint",
            Kind::Warning => "Warning",
            Kind::Seealso => "See also",
            Kind::Versionmodified => return self.version_note(node),
            _ => "",
        };
        let class = kind.name();
        let classes = ["admonition", class];
        self.begin("aside", node, if kind == Kind::Admonition { &classes[..1] } else { &classes });
        self.attribute("role", "note");
        self.end();
        self.more_ids(node);
        self.out.push('\n');
        let titled = self.doc.first_child(node).is_some_and(|n| self.doc.kind(n) == Kind::Title);
        if !title.is_empty() && !titled {
            self.out.push_str("<p class=\"admonition-title\">");
            escape_into(&mut self.out, title);
            self.out.push_str("</p>\n");
        }
        close("</aside>\n")
    }

    /// `versionadded` and its kin: the words "Added in version 1.2:" come with the tree.
    fn version_note(&mut self, node: NodeId) -> Then {
        let kind = self.doc.get(node, "type").unwrap_or("versionchanged").to_owned();
        self.open("div", node, &[&kind]);
        let inline = self.doc.first_child(node).is_some_and(|n| self.doc.kind(n).is_inline());
        self.out.push_str(if inline { "<p>" } else { "\n" });
        close(if inline { "</p></div>\n" } else { "</div>\n" })
    }
}
