//! Inline events: emphasis, links, images, code, breaks.

use pulldown_cmark::{Event, LinkType, Tag};
use rst::Kind;

use super::builder::{Builder, Frame, Opened};
use crate::autolink;

impl Builder<'_> {
    pub(super) fn inline(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) => self.text.push_str(&text),
            Event::SoftBreak => self.text.push('\n'),
            Event::HardBreak => {
                self.want_inline();
                let node = self.add(Kind::Inline);
                self.doc.set(node, "break", 1);
            }
            Event::Code(code) => self.code(&code),
            Event::InlineHtml(html) => self.inline_html(&html),
            Event::InlineMath(latex) => self.leaf(Kind::Math, &latex),
            Event::DisplayMath(latex) => self.display_math(&latex),
            Event::FootnoteReference(label) => self.footnote_reference(&label),
            _ => {}
        }
    }

    /// An inline element that holds only text.
    pub(super) fn leaf(&mut self, kind: Kind, text: &str) {
        self.want_inline();
        let node = self.add(kind);
        self.doc.add_text(node, text);
    }

    fn code(&mut self, code: &str) {
        if self.options.myst && self.text.ends_with('}') && self.role(code) {
            return;
        }
        self.leaf(Kind::Literal, code);
    }

    /// A formula alone in its paragraph becomes a block; another one stays in the line.
    fn display_math(&mut self, latex: &str) {
        let top = self.top();
        let alone = self.text.is_empty() && self.doc.kind(top) == Kind::Paragraph && !self.doc.has_children(top);
        if alone {
            self.doc.set_kind(top, Kind::MathBlock);
            self.doc.set(top, "xml:space", "preserve");
            self.doc.add_text(top, latex.trim());
        } else {
            self.leaf(Kind::Math, latex);
        }
    }

    pub(super) fn start_emphasis(&mut self, tag: &Tag<'_>) {
        self.flush();
        self.want_inline();
        match tag {
            Tag::Emphasis => drop(self.open(Kind::Emphasis)),
            Tag::Strong => drop(self.open(Kind::Strong)),
            Tag::Superscript => drop(self.open(Kind::Superscript)),
            Tag::Subscript => drop(self.open(Kind::Subscript)),
            _ => {
                let node = self.open(Kind::Inline);
                if self.doc.kind(node) == Kind::Inline {
                    self.doc.set(node, "element", "del");
                }
            }
        }
    }

    pub(super) fn start_link(&mut self, link_type: LinkType, url: &str, title: &str) {
        self.flush();
        self.want_inline();
        if self.inside_link() {
            let node = self.top();
            return self.stack.push(Frame { node, opened: Opened::Event });
        }
        let node = self.open(Kind::Reference);
        if self.doc.kind(node) != Kind::Reference {
            return;
        }
        let url = match link_type {
            // In messages `<a@b>` may name another message; pages know no list.
            LinkType::Email if self.options.gfm && !self.options.myst => message_or_address(url),
            LinkType::Email => format!("mailto:{url}"),
            _ => url.to_owned(),
        };
        self.doc.set(node, "refuri", url);
        if !title.is_empty() {
            self.doc.set(node, "reftitle", title);
        }
    }

    /// No link stands in a link; Markdown sees to it, raw tags do not.
    pub(super) fn inside_link(&self) -> bool {
        self.stack.iter().rev().take(32).any(|f| self.doc.kind(f.node) == Kind::Reference)
    }

    pub(super) fn start_image(&mut self, url: &str, title: &str) {
        self.flush();
        if self.images.is_empty() {
            self.want_inline();
        }
        let node = if self.images.is_empty() { self.add(Kind::Image) } else { self.doc.create(Kind::Image) };
        self.doc.set(node, "uri", url);
        if !title.is_empty() {
            self.doc.set(node, "reftitle", title);
        }
        self.images.push((node, String::new()));
    }

    pub(super) fn end_image(&mut self) {
        let Some((node, alt)) = self.images.pop() else { return };
        if let Some((_, outer)) = self.images.last_mut() {
            return outer.push_str(&alt);
        }
        self.doc.set(node, "alt", alt);
    }
}

/// Where `<a@b>` leads: to the message of this Message-ID, or to the mailbox of a person.
fn message_or_address(inside: &str) -> String {
    let found = autolink::find(&format!("<{inside}>"));
    let message = found.iter().find(|reference| matches!(reference.kind, autolink::Kind::Message(_)));
    message.map_or_else(|| format!("mailto:{inside}"), autolink::url_of)
}
