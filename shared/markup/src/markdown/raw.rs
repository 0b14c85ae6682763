//! HTML in Markdown: kept, sanitised or shown, as the caller says.

use rst::Kind;

use super::RawHtml;
use super::builder::{Builder, Frame, Opened};
use crate::sanitize;

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
        let name = html.trim_start_matches(['<', '/']).trim_end_matches(['>', '/', ' ']).to_ascii_lowercase();
        if name == "br" {
            self.want_inline();
            let node = self.add(Kind::Inline);
            self.doc.set(node, "break", 1);
        } else if html.starts_with("</") {
            self.end_tag(&name, html);
        } else {
            self.start_tag(name, html);
        }
    }

    /// A simple element without attributes becomes a node; everything else is text.
    fn start_tag(&mut self, name: String, html: &str) {
        let kind = match name.as_str() {
            "b" | "strong" => Kind::Strong,
            "i" | "em" => Kind::Emphasis,
            "sub" => Kind::Subscript,
            "sup" => Kind::Superscript,
            "code" | "tt" => Kind::Literal,
            "cite" => Kind::TitleReference,
            "del" | "ins" | "kbd" | "samp" | "mark" | "small" | "var" | "q" | "s" | "strike" | "u" => Kind::Inline,
            _ => return self.text.push_str(html),
        };
        let depth = self.stack.iter().rev().take_while(|f| matches!(f.opened, Opened::Tag(_))).count();
        if depth >= 16 {
            return self.text.push_str(html);
        }
        self.flush();
        self.want_inline();
        let node = self.add(kind);
        if kind == Kind::Inline {
            let element = match name.as_str() {
                "s" | "strike" => "del",
                "u" => "ins",
                other => other,
            };
            self.doc.set(node, "element", element);
        }
        self.stack.push(Frame { node, opened: Opened::Tag(name) });
    }

    fn end_tag(&mut self, name: &str, html: &str) {
        let open = self.stack.iter().rev().take_while(|f| matches!(f.opened, Opened::Tag(_)));
        let Some(at) = open.into_iter().position(|f| f.opened == Opened::Tag(name.to_owned())) else {
            return self.text.push_str(html);
        };
        self.flush();
        self.stack.truncate(self.stack.len() - at - 1);
    }
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
