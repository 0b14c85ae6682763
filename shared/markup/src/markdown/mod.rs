//! Markdown into the tree of reST: pulldown-cmark reads, this builds `rst` nodes, so both languages share what follows
//! (references, contents, HTML, text for the search).
//!
//! CommonMark 0.31.2 with GitHub's extensions; on pages also MyST's fences, roles and labels (see [`myst`]).

mod block;
mod builder;
mod footnote;
mod heading;
mod inline;
mod myst;
mod raw;
mod table;

use pulldown_cmark::Options as Extensions;
use rst::Document;

use builder::Builder;
pub(crate) use heading::slug;

/// What becomes of HTML in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RawHtml {
    /// Shown as it was typed, comments left out.
    #[default]
    Escape,
    /// Blocks go through the sanitiser, simple inline elements (`kbd`, `sub`, `br`) become nodes, the rest is shown as typed.
    Sanitize,
    /// Taken over. Only for sources that the administrator trusts.
    Keep,
}

/// Which language is spoken, and how far its author is trusted.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The path or a description, shown in messages.
    pub source: &'a str,
    /// GitHub's tables, strikethrough, task lists, footnotes, alerts.
    pub gfm: bool,
    /// MyST's fences, roles, labels and formulas, and the ids of headings; for pages.
    pub myst: bool,
    pub raw_html: RawHtml,
    /// How directives and roles are read.
    pub rst: rst::Options<'a>,
    /// Lines of the file before the source (its front matter).
    pub lines_before: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            source: "<string>",
            gfm: true,
            myst: false,
            raw_html: RawHtml::default(),
            rst: rst::Options::restricted("<string>"),
            lines_before: 0,
        }
    }
}

impl Options<'_> {
    fn extensions(&self) -> Extensions {
        let mut extensions = Extensions::empty();
        if self.gfm {
            extensions |= Extensions::ENABLE_TABLES
                | Extensions::ENABLE_STRIKETHROUGH
                | Extensions::ENABLE_TASKLISTS
                | Extensions::ENABLE_FOOTNOTES
                | Extensions::ENABLE_GFM;
        }
        if self.myst {
            extensions |=
                Extensions::ENABLE_HEADING_ATTRIBUTES | Extensions::ENABLE_DEFINITION_LIST | Extensions::ENABLE_MATH;
        }
        extensions
    }
}

/// The tree of a Markdown source. Raw nodes in it are safe to write, unless [`RawHtml::Keep`] was asked for.
pub fn parse(source: &str, options: &Options<'_>) -> Document {
    let source = if options.myst { myst::fences(source) } else { source.into() };
    let mut builder = Builder::new(&source, options);
    builder.read();
    builder.finish()
}

#[cfg(test)]
mod tests;
