//! reStructuredText in Rust: the document tree, the parser, the transforms, and the writers of HTML and pseudo-XML.
//!
//! The language is docutils' (its specification, its directives and roles, its system messages) and, when asked
//! for, the dialect of Sphinx, whose references become nodes that a site resolves. The crate reads no file and no
//! clock: files come through [`Files`], the date is a parameter. Parsing takes time and memory in proportion to the
//! input, and no input makes it panic.
//!
//! A reader begins with [`doctree`] (what comes out), [`options`] (what goes in) and [`mod@html`] (what is made of it).

#![warn(missing_docs)]

#[cfg(feature = "batch")]
pub mod batch;
mod block;
mod directive;
pub mod doctree;
mod file;
pub mod html;
mod inline;
mod lines;
pub mod options;
mod parser;
mod pseudo_xml;
mod role;
mod sphinx;
pub mod transform;
mod width;

use bumpalo::Bump;

pub use doctree::{Document, Event, Kind, Level, Message, NodeId, Value};
pub use file::{File, Files, NoFiles};
pub use options::{Dialect, Limits, NODE_COST, Now, Options, Profile};
pub use pseudo_xml::pseudo_xml;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Parses a text into a document and applies the transforms of docutils' standalone reader: references are resolved,
/// footnotes numbered, contents filled. Faults of the text are in [`Document::messages`] and shown in place.
///
/// ```
/// use guildhall_rst::{Options, parse, pseudo_xml};
/// let doc = parse("See `the site`_.\n\n.. _the site: https://example.org/\n", &Options::new("a.rst"));
/// assert!(pseudo_xml(&doc).contains("<reference name=\"the site\" refuri=\"https://example.org/\">"));
/// ```
pub fn parse(text: &str, options: &Options<'_>) -> Document {
    let mut doc = parse_only(text, options);
    transform::apply(&mut doc, options);
    doc
}

/// Parses a text into a document and leaves all references open: no transform is applied.
///
/// ```
/// use guildhall_rst::{Kind, Options, parse_only, transform};
/// let options = Options::new("a.rst");
/// let mut doc = parse_only("See site_.\n\n.. _site: https://example.org/\n", &options);
/// let reference = doc.all(Kind::Reference)[0];
/// assert_eq!(doc.get(reference, "refname"), Some("site"));
/// transform::apply(&mut doc, &options);
/// assert_eq!(doc.get(reference, "refuri"), Some("https://example.org/"));
/// ```
pub fn parse_only(text: &str, options: &Options<'_>) -> Document {
    let arena = Bump::new();
    let mut parser = parser::Parser::new(options, &arena);
    parser.run(text);
    parser.doc
}
