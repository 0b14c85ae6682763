//! Descriptions of functions, classes, options and the like (Sphinx documentation, "Domains").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn object(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Desc => {
                let domain = self.doc.get(node, "domain").unwrap_or("std").to_owned();
                let kind = self.doc.get(node, "objtype").unwrap_or_default().to_owned();
                self.open_strict("dl", node, &[&domain, &kind]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::DescSignature => self.signature(node),
            Kind::DescSignatureLine => {
                self.open("span", node, &["sig-line"]);
                close("</span><br>")
            }
            Kind::DescName => self.part(node, "sig-name"),
            Kind::DescAddname => self.part(node, "sig-prename"),
            Kind::DescType => self.part(node, "sig-type"),
            Kind::DescAnnotation => self.part(node, "property"),
            Kind::DescReturns => {
                self.out.push_str(" → ");
                self.part(node, "sig-return")
            }
            Kind::DescParameterlist => {
                self.out.push_str("<span class=\"sig-paren\">(</span>");
                close("<span class=\"sig-paren\">)</span>")
            }
            Kind::DescParameter => {
                self.comma(node);
                self.open("em", node, &["sig-param"]);
                close("</em>")
            }
            Kind::DescOptional => {
                self.out.push_str("<span class=\"optional\">[</span>");
                self.comma(node);
                close("<span class=\"optional\">]</span>")
            }
            Kind::DescContent => {
                self.open("dd", node, &[]);
                self.out.push('\n');
                close("</dd>\n")
            }
            _ => Then::nothing(),
        }
    }

    fn part(&mut self, node: NodeId, class: &str) -> Then {
        self.open("span", node, &[class]);
        close("</span>")
    }

    fn comma(&mut self, node: NodeId) {
        let optional = self.parent_kind(node) == Some(Kind::DescOptional);
        let before = self.doc.prev_sibling(node).is_some();
        let optional_after = self.doc.kind(node) == Kind::DescOptional && before;
        if (before && self.doc.kind(node) == Kind::DescParameter) || optional_after || (optional && before) {
            self.out.push_str(", ");
        }
    }

    fn signature(&mut self, node: NodeId) -> Then {
        // `leave` takes it back.
        self.unlinkable += 1;
        self.open("dt", node, &["sig"]);
        let Some(id) = self.doc.ids(node).first().cloned() else { return close("</dt>\n") };
        if !self.options.heading_links {
            return close("</dt>\n");
        }
        let mut after = String::from("<a class=\"headerlink\"");
        std::mem::swap(&mut after, &mut self.out);
        self.local_href(&id);
        self.out.push_str(" aria-hidden=\"true\" tabindex=\"-1\">¶</a></dt>\n");
        std::mem::swap(&mut after, &mut self.out);
        Then::Close(after.into())
    }
}
