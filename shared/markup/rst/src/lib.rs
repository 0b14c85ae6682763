//! reStructuredText in Rust: the document tree, the parser, the transforms and the pseudo-XML writer.
//!
//! The language is docutils' (its specification, its directives and roles, its system messages) and, when asked
//! for, the dialect of Sphinx, whose references become nodes that a site resolves. The crate reads no file and no
//! clock: files come through [`Files`], the date is a parameter. Parsing takes time and memory in proportion to the
//! input, and no input makes it panic.
//!
//! A reader begins with [`doctree`] (what comes out) and [`options`] (what goes in).

pub mod doctree;
pub mod html;
pub mod options;
mod pseudo_xml;

pub use doctree::{Document, Event, Kind, Level, Message, NodeId, Value};
pub use options::{Dialect, File, Files, Limits, NoFiles, Now, Options, Profile};
pub use pseudo_xml::pseudo_xml;
