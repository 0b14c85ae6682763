//! Inline elements (doctree reference, "Inline Elements").

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn inline(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Emphasis => self.element("em", node, "</em>"),
            Kind::Strong => self.element("strong", node, "</strong>"),
            Kind::Literal => self.literal(node),
            Kind::TitleReference => self.element("cite", node, "</cite>"),
            Kind::Abbreviation => {
                self.begin("abbr", node, &[]);
                if let Some(long) = self.doc.get(node, "explanation") {
                    self.words_attribute("title", long);
                }
                self.end();
                close("</abbr>")
            }
            Kind::Acronym => self.element("abbr", node, "</abbr>"),
            Kind::Superscript => self.element("sup", node, "</sup>"),
            Kind::Subscript => self.element("sub", node, "</sub>"),
            Kind::Math => self.math(node),
            Kind::Inline => self.span(node),
            Kind::Generated => {
                self.open("span", node, &["generated"]);
                close("</span>")
            }
            Kind::Manpage => self.element("cite", node, "</cite>"),
            Kind::LiteralEmphasis => {
                self.open("em", node, &["literal"]);
                close("</em>")
            }
            Kind::LiteralStrong => {
                self.open("strong", node, &["literal"]);
                close("</strong>")
            }
            Kind::Raw => self.raw(node),
            _ => Then::nothing(),
        }
    }

    fn element(&mut self, tag: &str, node: NodeId, closer: &'static str) -> Then {
        self.open(tag, node, &[]);
        close(closer)
    }

    fn literal(&mut self, node: NodeId) -> Then {
        // `leave` takes it back.
        self.unlinkable += 1;
        let language = self.doc.get(node, "language").or_else(|| self.doc.classes(node).get(1).map(String::as_str));
        let coloured = match language.filter(|_| self.doc.has_class(node, "code") && !self.bare()) {
            Some(language) => self.options.hooks.code(&self.doc.text_of(node), language),
            None => None,
        };
        let (tag, closer) = match self.doc.classes(node).first().map(String::as_str) {
            Some("kbd") => ("kbd", "</kbd>"),
            Some("samp") => ("samp", "</samp>"),
            _ => ("code", "</code>"),
        };
        self.open(tag, node, &[]);
        let Some(inner) = coloured else { return close(closer) };
        self.out.push_str(&inner);
        self.out.push_str(closer);
        Then::Done
    }

    /// A span, unless the roles `del`, `ins`, `kbd` and the like name an element of HTML.
    fn span(&mut self, node: NodeId) -> Then {
        if self.doc.has(node, "break") {
            self.out.push_str("<br />\n");
            return Then::Done;
        }
        let (tag, closer) =
            match self.doc.get(node, "element").or_else(|| self.doc.classes(node).first().map(String::as_str)) {
                Some("del") => ("del", "</del>"),
                Some("ins") => ("ins", "</ins>"),
                Some("kbd") => ("kbd", "</kbd>"),
                Some("samp") => ("samp", "</samp>"),
                Some("mark") => ("mark", "</mark>"),
                Some("small") => ("small", "</small>"),
                Some("var") => ("var", "</var>"),
                Some("q") => ("q", "</q>"),
                Some("dfn") => ("dfn", "</dfn>"),
                _ => ("span", "</span>"),
            };
        self.open(tag, node, &[]);
        close(closer)
    }

    /// The author's own HTML, when it is let through; text for another format is left out.
    fn raw(&mut self, node: NodeId) -> Then {
        let wanted = self.doc.get(node, "format").is_some_and(|f| f.split_whitespace().any(|f| f == "html"));
        if wanted && self.options.raw {
            let text = self.doc.text_of(node);
            self.out.push_str(&text);
        }
        Then::Done
    }
}
