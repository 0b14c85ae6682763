//! reStructuredText in Rust: the document tree, the parser, the transforms and the pseudo-XML writer.
//!
//! The language is docutils' (its specification, its directives and roles, its system messages) and, when asked
//! for, the dialect of Sphinx, whose references become nodes that a site resolves. The crate reads no file and no
//! clock: files come through [`Files`], the date is a parameter. Parsing takes time and memory in proportion to the
//! input, and no input makes it panic.
//!
//! A reader begins with [`doctree`] (what comes out) and [`options`] (what goes in).

#[cfg(feature = "batch")]
pub mod batch;
mod block;
mod directive;
pub mod doctree;
pub mod html;
mod inline;
mod lines;
pub mod options;
mod parser;
mod pseudo_xml;
mod role;
mod sphinx;
mod width;

use bumpalo::Bump;

pub use doctree::{Document, Event, Kind, Level, Message, NodeId, Value};
pub use options::{Dialect, File, Files, Limits, NoFiles, Now, Options, Profile};
pub use pseudo_xml::pseudo_xml;

/// Parses a text into a document and leaves all references open: no transform is applied.
pub fn parse_only(text: &str, options: &Options<'_>) -> Document {
    let arena = Bump::new();
    let mut parser = parser::Parser::new(options, &arena);
    parser.run(text);
    parser.doc
}
