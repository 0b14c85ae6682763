//! What people send, as HTML: issue messages, list posts, commit messages.

mod markdown;
mod plain;

use crate::{Format, Viewer};

/// A message as safe HTML, for a person who may or may not see addresses.
///
/// The languages come in their restricted profile: no raw HTML, no files, bounded depth.
pub fn message_html(text: &str, format: Format, viewer: &Viewer) -> String {
    match format {
        Format::Plain | Format::Rst => plain::html(text, viewer),
        Format::Markdown => markdown::html(text, viewer),
    }
}
