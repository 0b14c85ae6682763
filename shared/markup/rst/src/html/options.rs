//! What a caller decides about the HTML, and what the writer asks it while it writes.

use super::escape_into;
use super::reference::{Resolver, SafeLinks};
use crate::doctree::Level;

/// What the writer leaves to the caller. Each answer is HTML that goes out as it is; `None` shows the source.
///
/// ```
/// use guildhall_rst::html::{Hooks, HtmlOptions, html};
/// use guildhall_rst::{Options, parse};
///
/// struct Loud;
///
/// impl Hooks for Loud {
///     fn text(&self, text: &str, out: &mut String) {
///         guildhall_rst::html::escape_into(out, &text.to_uppercase());
///     }
/// }
///
/// let doc = parse("Hello, ``world``.\n", &Options::new("a.rst"));
/// let options = HtmlOptions { hooks: &Loud, ..HtmlOptions::default() };
/// assert_eq!(html(&doc, &options), "<p>HELLO, <code>world</code>.</p>\n");
/// ```
pub trait Hooks {
    /// The coloured inside of a block of code; lines keep their number and their order.
    fn code(&self, _code: &str, _language: &str) -> Option<String> {
        None
    }

    /// A formula; `block` for one that stands by itself.
    fn math(&self, _latex: &str, _block: bool) -> Option<String> {
        None
    }

    /// A drawing of a graph in the dot language; the layout is `dot` unless the author named another.
    fn graph(&self, _dot: &str, _layout: &str, _alt: &str) -> Option<String> {
        None
    }

    /// Appends running text that stands outside of links and code, escaped; a caller may make references of it.
    fn text(&self, text: &str, out: &mut String) {
        escape_into(out, text);
    }

    /// Appends text that stands within links, code and attributes, escaped for all of them.
    fn plain(&self, text: &str, out: &mut String) {
        escape_into(out, text);
    }
}

/// Hooks that do nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}

/// How much the writer adds to the plain elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Sections, identifiers, classes, links on headings.
    #[default]
    Page,
    /// The elements alone, as in the examples of CommonMark's specification.
    Bare,
}

/// Everything a caller decides about the HTML.
#[derive(Clone, Copy)]
pub struct HtmlOptions<'a> {
    /// Knows where references and links lead.
    pub resolver: &'a dyn Resolver,
    /// Colours code, sets formulas, links what running text mentions.
    pub hooks: &'a dyn Hooks,
    /// How much is added to the plain elements.
    pub style: Style,
    /// The level of the title; sections follow below it.
    pub heading_level: u8,
    /// Each heading gets a link to itself.
    pub heading_links: bool,
    /// Raw HTML of the source is written. Only for sources that the administrator trusts.
    pub raw: bool,
    /// System messages from this level on are shown in their place.
    pub report: Level,
    /// The `rel` of links to other hosts, `nofollow noopener` for instance; nothing when empty.
    pub link_rel: &'a str,
    /// Put before every identifier, so that many messages may stand on one page.
    pub id_prefix: &'a str,
    /// The tags that hold for `only`.
    pub tags: &'a [&'a str],
    /// The language of code that says none; nothing when empty.
    pub language: &'a str,
}

impl Default for HtmlOptions<'_> {
    fn default() -> Self {
        HtmlOptions {
            resolver: &SafeLinks,
            hooks: &NoHooks,
            style: Style::default(),
            heading_level: 1,
            heading_links: true,
            raw: false,
            report: Level::Warning,
            link_rel: "",
            id_prefix: "",
            tags: &["html"],
            language: "",
        }
    }
}
