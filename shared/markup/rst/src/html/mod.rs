//! The HTML writer: semantic HTML5 in the spirit of docutils' `html5_polyglot`, without styles and without scripts.
//!
//! [`html`] walks the tree once and never recurses. What needs knowledge from outside (where a reference leads, how
//! code is coloured, how math is set) comes through two traits, [`Resolver`] and [`Hooks`]; without them the text
//! stands as it is. All text and all attributes are escaped here, so the output is safe whatever the source was,
//! unless [`HtmlOptions::raw`] lets the author's own HTML through.
//!
//! ```
//! use guildhall_rst::{Document, Kind, html};
//! let mut doc = Document::new("readme.rst");
//! let root = doc.root();
//! doc.add_with_text(root, Kind::Paragraph, "1 < 2");
//! assert_eq!(html::html(&doc, &html::HtmlOptions::default()), "<p>1 &lt; 2</p>\n");
//! ```

mod admonition;
mod block;
mod definition_list;
mod docinfo;
mod figure;
mod graphviz;
mod image;
mod inline;
mod list;
mod literal_block;
mod math;
mod note;
mod object;
mod only;
mod option_list;
mod options;
mod productionlist;
mod reference;
mod structure;
mod system_message;
mod table;
mod tag;
mod title;
mod toctree;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::doctree::{Document, Event, Kind, NodeId};

pub use only::holds;
pub use options::{Hooks, HtmlOptions, NoHooks, Style};
pub use reference::{Link, Resolver, SafeLinks, Xref};
pub use tag::{escape, escape_into, safe_scheme};

/// The body of the document as HTML.
pub fn html(doc: &Document, options: &HtmlOptions<'_>) -> String {
    let mut writer = Writer::new(doc, options);
    writer.out.reserve(doc.len() * 24);
    writer.write(doc.root());
    writer.out
}

/// One node and all below it as HTML: a title for the contents of a page, for instance.
///
/// ```
/// use guildhall_rst::html::{HtmlOptions, fragment};
/// use guildhall_rst::{Kind, Options, parse};
/// let doc = parse("a **b**\n", &Options::new("a.rst"));
/// assert_eq!(fragment(&doc, doc.all(Kind::Strong)[0], &HtmlOptions::default()), "<strong>b</strong>");
/// ```
pub fn fragment(doc: &Document, node: NodeId, options: &HtmlOptions<'_>) -> String {
    let mut writer = Writer::new(doc, options);
    writer.write(node);
    writer.out
}

/// What to do after the opening of an element.
enum Then {
    /// Write the children, then this.
    Close(Cow<'static, str>),
    /// All is written: pass the children over.
    Done,
}

impl Then {
    fn nothing() -> Then {
        Then::Close(Cow::Borrowed(""))
    }
}

fn close(text: &'static str) -> Then {
    Then::Close(Cow::Borrowed(text))
}

struct Writer<'a> {
    doc: &'a Document,
    options: &'a HtmlOptions<'a>,
    out: String,
    /// Sections around the place.
    depth: u32,
    /// 1 when the document has a title of its own.
    titled: u32,
    /// Lists around the place: whether their items are written without paragraphs.
    tight: Vec<bool>,
    /// Links and code around the place, in which text is no place for further links.
    unlinkable: u32,
    /// What `highlight` said last.
    language: String,
    /// The labelled formulas by label, with identifier and number; made when one is referred to.
    equations: Option<HashMap<String, (String, usize)>>,
    /// The tables around the place.
    tables: Vec<table::State>,
}

impl<'a> Writer<'a> {
    fn new(doc: &'a Document, options: &'a HtmlOptions<'a>) -> Self {
        let titled = doc.children(doc.root()).take(1).filter(|&n| doc.kind(n) == Kind::Title).count();
        Writer {
            doc,
            options,
            out: String::new(),
            depth: 0,
            titled: u32::try_from(titled).unwrap_or(0),
            tight: Vec::new(),
            unlinkable: 0,
            language: options.language.to_owned(),
            equations: None,
            tables: Vec::new(),
        }
    }

    fn write(&mut self, top: NodeId) {
        let mut closers: Vec<Cow<'static, str>> = Vec::new();
        let mut events = self.doc.events(top);
        while let Some(event) = events.next() {
            match event {
                Event::Enter(node) => match self.enter(node) {
                    Then::Close(text) => closers.push(text),
                    Then::Done => {
                        events.skip_children(node);
                        closers.push(Cow::Borrowed(""));
                    }
                },
                Event::Leave(node) => {
                    self.out.push_str(&closers.pop().unwrap_or_default());
                    self.leave(node);
                }
            }
        }
    }

    fn enter(&mut self, node: NodeId) -> Then {
        let kind = self.doc.kind(node);
        match kind {
            Kind::Text => self.text(node),
            Kind::Paragraph => self.paragraph(node),
            _ if kind.is_admonition() || matches!(kind, Kind::Seealso | Kind::Versionmodified) => self.admonition(node),
            _ if kind < Kind::Paragraph => self.structure(node),
            Kind::BulletList => self.bullet_list(node),
            Kind::EnumeratedList => self.enumerated_list(node),
            Kind::ListItem => self.list_item(node),
            _ if (Kind::DefinitionList..=Kind::FieldBody).contains(&kind) => self.definition_list(node),
            _ if (Kind::OptionList..=Kind::Description).contains(&kind) => self.option_list(node),
            Kind::LiteralBlock => self.literal_block(node),
            Kind::DoctestBlock => self.doctest_block(node),
            Kind::MathBlock => self.math_block(node),
            Kind::Graphviz => self.graphviz(node),
            Kind::Highlightlang => self.highlight(node),
            Kind::Footnote | Kind::Citation | Kind::Label | Kind::FootnoteReference | Kind::CitationReference => {
                self.note(node)
            }
            _ if (Kind::Table..=Kind::Entry).contains(&kind) => self.table(node),
            Kind::SystemMessage | Kind::Problematic => self.system_message(node),
            Kind::Image => self.image(node),
            Kind::Figure => self.figure(node),
            Kind::Caption => self.caption(node),
            Kind::Legend => self.legend(node),
            Kind::Reference | Kind::PendingXref | Kind::DownloadReference | Kind::Target => self.reference(node),
            Kind::Toctree => self.toctree(node),
            Kind::Productionlist => self.production_list(node),
            Kind::Production => self.production(node),
            Kind::Only => self.only(node),
            Kind::Index => self.anchors(node),
            _ if (Kind::Desc..=Kind::DescContent).contains(&kind) => self.object(node),
            _ if kind.is_inline() => self.inline(node),
            _ => self.block(node),
        }
    }

    fn leave(&mut self, node: NodeId) {
        match self.doc.kind(node) {
            Kind::Section => self.depth -= 1,
            Kind::BulletList | Kind::EnumeratedList => drop(self.tight.pop()),
            Kind::Reference
            | Kind::PendingXref
            | Kind::Literal
            | Kind::LiteralBlock
            | Kind::DownloadReference
            | Kind::Problematic
            | Kind::DescSignature
            | Kind::Productionlist => {
                self.unlinkable = self.unlinkable.saturating_sub(1);
            }
            Kind::Footnote | Kind::Citation => self.end_note(node),
            Kind::Table => drop(self.tables.pop()),
            _ => {}
        }
    }

    fn text(&mut self, node: NodeId) -> Then {
        let text = self.doc.text(node);
        if self.unlinkable == 0 {
            self.options.hooks.text(text, &mut self.out);
        } else {
            self.options.hooks.plain(text, &mut self.out);
        }
        Then::nothing()
    }

    fn bare(&self) -> bool {
        self.options.style == Style::Bare
    }

    fn parent_kind(&self, node: NodeId) -> Option<Kind> {
        self.doc.parent(node).map(|p| self.doc.kind(p))
    }
}

#[cfg(test)]
mod tests;
