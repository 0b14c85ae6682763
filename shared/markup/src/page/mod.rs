//! A page of a site: its HTML, and what the site must know of it.
//!
//! [`page`] does all at once. A site of many pages reads them first ([`read`]), learns their labels
//! ([`PageTree::labels`]), and writes them with a resolver that knows all of them ([`PageTree::write`]).

mod index;
pub mod inventory;
mod links;
mod local;
mod objects;
mod output;
mod read;
mod survey;

use rst::Document;
use rst::html::Resolver;

use crate::frontmatter::Meta;
use crate::{Format, Viewer};

pub use index::ObjectIndex;
pub use links::{Label, Link};
pub use local::LocalLinks;
pub use objects::{IndexEntry, Object};
pub use output::{Heading, PageOutput, Warning};
pub use read::read;

/// How a page is to be read and written.
#[derive(Clone, Copy)]
pub struct PageOptions<'a> {
    /// The path in the source tree, shown in messages and handed to `files`.
    pub source: &'a str,
    /// True takes over raw HTML of the source; false sanitises it (Markdown) or leaves it out (reST).
    pub trusted: bool,
    /// Who will read it.
    pub viewer: Viewer,
    /// Knows where references and links lead; without one, references lead to what the page itself describes.
    pub resolver: Option<&'a dyn Resolver>,
    /// Gives the files that `include` and the like name.
    pub files: Option<&'a dyn rst::Files>,
    /// The day of the build, for the `date` directive.
    pub now: Option<rst::Now>,
    /// Straight quotes and dashes become typographic ones (reST).
    pub smart_quotes: bool,
    /// The tags that hold for `only`.
    pub tags: &'a [&'a str],
    /// Roles that the resolver knows besides those of reST and Sphinx; they come to it without a domain.
    pub roles: &'a [&'a str],
    /// The language of code that says none (Sphinx takes Python); nothing when empty.
    pub language: &'a str,
    /// Answers for code, formulas and graphs in place of this crate's own.
    pub hooks: Option<&'a dyn rst::html::Hooks>,
}

impl Default for PageOptions<'_> {
    fn default() -> Self {
        PageOptions {
            source: "page",
            trusted: false,
            viewer: Viewer::default(),
            resolver: None,
            files: None,
            now: None,
            smart_quotes: false,
            tags: &["html"],
            roles: &["issue", "commit", "mail", "user"],
            language: "",
            hooks: None,
        }
    }
}

/// A page that was read: its head and its tree.
#[derive(Clone, Debug)]
pub struct PageTree {
    pub meta: Meta,
    pub document: Document,
}

/// Makes a page of its source. Never fails: what is wrong stands in `warnings`.
pub fn page(source: &str, format: Format, options: &PageOptions<'_>) -> PageOutput {
    read(source, format, options).write(options)
}

#[cfg(test)]
mod tests;
