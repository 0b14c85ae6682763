//! HTML in Markdown: kept, sanitised or shown, as the caller says.

use rst::Kind;

use super::RawHtml;
use super::builder::{Builder, Frame, Opened};
use crate::sanitize;

/// Tags within tags.
const DEEPEST: usize = 16;

/// Elements of HTML that stand in running text of pages; what is not HTML (`Vec<T>`) is shown as it was typed.
const KNOWN: [&str; 16] = [
    "a", "img", "span", "font", "center", "div", "p", "big", "abbr", "picture", "source", "bdi", "bdo", "wbr", "dfn",
    "time",
];

impl Builder<'_> {
    pub(super) fn html_block(&mut self, html: &str) {
        self.close_implied();
        match self.options.raw_html {
            RawHtml::Keep => self.raw(html),
            RawHtml::Sanitize => {
                let clean = sanitize::page(html);
                if !clean.trim().is_empty() {
                    self.raw(&clean);
                }
            }
            RawHtml::Escape => {
                let text = without_comments(html);
                if !text.trim().is_empty() {
                    self.text.push_str(text.trim_end());
                    self.close_implied();
                }
            }
        }
    }

    fn raw(&mut self, html: &str) {
        let node = self.add(Kind::Raw);
        self.doc.set(node, "format", "html");
        self.doc.set(node, "xml:space", "preserve");
        self.doc.add_text(node, html);
    }

    pub(super) fn inline_html(&mut self, html: &str) {
        if self.options.raw_html == RawHtml::Keep {
            self.want_inline();
            return self.raw(html);
        }
        if html.starts_with("<!--") {
            return;
        }
        let inside = html.trim_start_matches(['<', '/']).trim_end_matches(['>', '/', ' ']);
        let name = inside.split(char::is_whitespace).next().unwrap_or_default().to_ascii_lowercase();
        let plain = name.len() == inside.len();
        if name == "br" {
            self.want_inline();
            let node = self.add(Kind::Inline);
            self.doc.set(node, "break", 1);
        } else if html.starts_with("</") {
            self.end_tag(&name, html);
        } else if self.options.raw_html == RawHtml::Sanitize && KNOWN.contains(&name.as_str()) {
            self.known_tag(&name, html);
        } else if !plain || !self.simple_tag(&name) {
            self.text.push_str(html);
        }
    }

    /// An image, a link or an anchor of a page; of other known elements only the content is taken.
    fn known_tag(&mut self, name: &str, html: &str) {
        let clean = sanitize::page(html);
        if name == "img" {
            self.want_inline();
            return self.raw(&clean);
        }
        if name == "a" {
            for key in ["id", "name"] {
                if let Some(id) = attribute(&clean, key) {
                    self.want_inline();
                    let target = self.add(Kind::Target);
                    self.doc.push(target, "ids", id);
                    self.doc.set_id(target, None);
                }
            }
            if let Some(href) = attribute(&clean, "href").filter(|_| !self.inside_link()) {
                self.open_tag(Kind::Reference, name);
                let node = self.top();
                self.doc.set(node, "refuri", href.replace("&amp;", "&"));
            }
        }
    }

    fn open_tag(&mut self, kind: Kind, name: &str) {
        self.flush();
        self.want_inline();
        let node = self.add(kind);
        self.stack.push(Frame { node, opened: Opened::Tag(name.to_owned()) });
    }

    /// Makes a node of a simple element without attributes; false when it is none.
    fn simple_tag(&mut self, name: &str) -> bool {
        let kind = match name {
            "b" | "strong" => Kind::Strong,
            "i" | "em" => Kind::Emphasis,
            "sub" => Kind::Subscript,
            "sup" => Kind::Superscript,
            "code" | "tt" => Kind::Literal,
            "cite" => Kind::TitleReference,
            "del" | "ins" | "kbd" | "samp" | "mark" | "small" | "var" | "q" | "s" | "strike" | "u" => Kind::Inline,
            _ => return false,
        };
        let depth = self.stack.iter().rev().take_while(|f| matches!(f.opened, Opened::Tag(_))).count();
        if depth >= DEEPEST {
            return false;
        }
        self.open_tag(kind, name);
        if kind == Kind::Inline {
            let element = match name {
                "s" | "strike" => "del",
                "u" => "ins",
                other => other,
            };
            let node = self.top();
            self.doc.set(node, "element", element);
        }
        true
    }

    fn end_tag(&mut self, name: &str, html: &str) {
        let open = self.stack.iter().rev().take_while(|f| matches!(f.opened, Opened::Tag(_)));
        let Some(at) = open.into_iter().position(|f| f.opened == Opened::Tag(name.to_owned())) else {
            let dropped = self.options.raw_html == RawHtml::Sanitize && KNOWN.contains(&name);
            if !dropped {
                self.text.push_str(html);
            }
            return;
        };
        self.flush();
        self.stack.truncate(self.stack.len() - at - 1);
    }
}

/// The value of an attribute of a sanitised tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[at..].split('"').next()
}

/// The text without `<!-- -->`, which templates of issues are full of.
fn without_comments(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<!--") {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at + 4..].find("-->") else { return out };
        rest = &rest[at + 4 + end + 3..];
    }
    out.push_str(rest);
    out
}
