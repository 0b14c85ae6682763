//! The bibliography of a document (doctree reference, "docinfo"; reStructuredText specification, "Bibliographic Fields").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn docinfo(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Docinfo => {
                self.open_strict("dl", node, &["docinfo"]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::Authors => {
                self.docinfo_name("Authors", "authors");
                close("</dd>\n")
            }
            Kind::Author if self.parent_kind(node) == Some(Kind::Authors) => {
                self.open("p", node, &[]);
                close("</p>\n")
            }
            _ => self.docinfo_item(node),
        }
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
