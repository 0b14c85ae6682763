//! Sphinx's toctree, when the site does not write it itself.

use super::reference::Xref;
use super::{Then, Writer};
use crate::doctree::NodeId;

impl Writer<'_> {
    pub(super) fn toctree(&mut self, node: NodeId) -> Then {
        if self.doc.int(node, "hidden") == Some(1) || self.doc.get(node, "hidden") == Some("True") {
            return Then::Done;
        }
        if let Some(html) = self.options.resolver.toctree(self.doc, node) {
            self.out.push_str(&html);
            return Then::Done;
        }
        // With a caption it is a landmark of that name; without one a screen reader could not tell it from others.
        let closer = match self.doc.get(node, "caption") {
            Some(caption) => {
                self.begin("nav", node, &["toctree-wrapper"]);
                self.attribute("aria-label", caption);
                self.end();
                self.more_ids(node);
                self.out.push_str("\n<p class=\"caption\">");
                super::escape_into(&mut self.out, caption);
                self.out.push_str("</p>\n");
                "</ul>\n</nav>\n"
            }
            None => {
                self.open("div", node, &["toctree-wrapper"]);
                self.out.push('\n');
                "</ul>\n</div>\n"
            }
        };
        self.out.push_str("<ul>\n");
        for entry in self.doc.list(node, "entries") {
            let (title, target) = entry.split_once('\0').unwrap_or(("", entry));
            self.toctree_entry(node, title, target);
        }
        self.out.push_str(closer);
        Then::Done
    }

    fn toctree_entry(&mut self, node: NodeId, title: &str, target: &str) {
        let explicit = !title.is_empty();
        let xref = Xref { domain: "std", role: "doc", target, explicit, doc: self.doc, node };
        let link = self.options.resolver.resolve(&xref);
        let url = link.as_ref().map(|l| l.url.clone()).or_else(|| {
            let outside = target.contains("://");
            self.options.resolver.url(target).filter(|_| outside).map(|u| u.into_owned())
        });
        let words = match (explicit, link.and_then(|l| l.title)) {
            (false, Some(found)) => found,
            (false, None) => target.to_owned(),
            (true, _) => title.to_owned(),
        };
        self.out.push_str("<li>");
        match url {
            Some(url) => {
                self.out.push_str("<a");
                self.uri_attribute("href", &url);
                self.end();
                super::escape_into(&mut self.out, &words);
                self.out.push_str("</a></li>\n");
            }
            None => {
                super::escape_into(&mut self.out, &words);
                self.out.push_str("</li>\n");
            }
        }
    }
}
