//! What people send, as HTML: issue messages, list posts, commit messages.

mod markup;
mod plain;

use std::borrow::Cow;

use crate::{Format, Viewer, autolink};

/// Longer messages are shown as plain text.
const LONGEST: usize = 1 << 20;

/// A message as safe HTML, for a person who may or may not see addresses.
///
/// Markdown and reST come in their restricted profile: no raw HTML, no files, bounded size and depth. Strangers see
/// `ann@…` in place of an address, in code too.
pub fn message_html(text: &str, format: Format, viewer: &Viewer) -> String {
    let text = if viewer.knows_addresses { Cow::Borrowed(text) } else { autolink::without_addresses(text) };
    match format {
        Format::Markdown if text.len() <= LONGEST => markup::markdown(&text, viewer),
        Format::Rst if text.len() <= LONGEST => markup::rst(&text, viewer),
        _ => plain::html(&text, viewer),
    }
}
