//! Text that people write becomes HTML that is safe to show: messages, commit logs, and the pages of a site.
//!
//! Pure: no file, no network, no clock. Everything that leaves this crate is safe by construction: raw HTML is
//! escaped or sanitised, addresses of links are limited to known schemes, and nothing carries a style or a script.
//!
//! A reader begins with [`message_html`] (what people send), [`page()`] (what a site shows) and [`autolink::find`]
//! (what a text refers to).

pub mod autolink;
mod escape;
mod excerpt;
pub mod frontmatter;
mod highlight;
mod hooks;
mod html_text;
pub mod markdown;
pub mod math;
mod message;
pub mod page;
pub mod sanitize;
mod scrolled;

pub use escape::{escape, safe_url};
pub use excerpt::excerpt;
pub use highlight::highlight;
pub use hooks::Hooks;
pub use html_text::text_of_html;
pub use message::message_html;
pub use page::{
    Heading, IndexEntry, Label, Link, LocalLinks, Object, ObjectIndex, PageOptions, PageOutput, PageTree, Warning, page,
};

/// The language in which a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Mail and forms: paragraphs, `>` quotes, a signature.
    #[default]
    Plain,
    /// CommonMark with GitHub's tables, strikethrough, task lists, footnotes and alerts.
    Markdown,
    /// reStructuredText.
    Rst,
}

impl Format {
    /// The format of a file by the end of its name; `None` for a file that is no page.
    pub fn of_path(path: &str) -> Option<Format> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Format::Markdown),
            "rst" | "rest" => Some(Format::Rst),
            "txt" => Some(Format::Plain),
            _ => None,
        }
    }

    /// The format by its name in a form or a configuration: `plain`, `markdown`, `rst`.
    pub fn from_name(name: &str) -> Option<Format> {
        match name {
            "plain" | "text" => Some(Format::Plain),
            "markdown" | "md" => Some(Format::Markdown),
            "rst" | "restructuredtext" => Some(Format::Rst),
            _ => None,
        }
    }

    /// The name in a form or a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Markdown => "markdown",
            Format::Rst => "rst",
        }
    }
}

/// Who will read the HTML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// True shows mail addresses whole and linked; strangers see only the part before the `@`.
    pub knows_addresses: bool,
}
