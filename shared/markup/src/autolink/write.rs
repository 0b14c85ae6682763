//! Text with its references as links.

use std::borrow::Cow;

use super::{Kind, Reference, find, url_of};
use crate::{Viewer, escape};

/// Appends the text escaped, each reference a link; a newline becomes what `newline` says.
pub(crate) fn write_linked(out: &mut String, text: &str, viewer: &Viewer, newline: &str) {
    let mut from = 0;
    for reference in find(text) {
        push_lines(out, &text[from..reference.range.start], newline);
        write(out, &reference, &text[reference.range.clone()], viewer);
        from = reference.range.end;
    }
    push_lines(out, &text[from..], newline);
}

/// Appends the text escaped, its web addresses links (GFM section 6.9): for pages that no hub stands behind.
pub fn write_urls(out: &mut String, text: &str) {
    let mut from = 0;
    let is_url = |reference: &Reference| reference.kind == Kind::Url && !reference.key.starts_with("mailto:");
    for reference in find(text).into_iter().filter(is_url) {
        escape::push(out, &text[from..reference.range.start]);
        write(out, &reference, &text[reference.range.clone()], &Viewer::default());
        from = reference.range.end;
    }
    escape::push(out, &text[from..]);
}

/// The text with `ann@…` for each mail address.
pub(crate) fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut from = 0;
    for reference in find(text) {
        let range = reference.range;
        let found = &text[range.clone()];
        let mail = found.starts_with("mailto:") || reference.kind == Kind::Address;
        let Some((name, _)) = found.split_once('@').filter(|_| mail) else {
            continue;
        };
        out.push_str(&text[from..range.start]);
        out.push_str(name);
        out.push_str("@…");
        from = range.end;
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

fn push_lines(out: &mut String, text: &str, newline: &str) {
    if newline == "\n" {
        return escape::push(out, text);
    }
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push_str(newline);
        }
        escape::push(out, line);
    }
}

/// Appends one reference as a link; an address that the viewer may not see loses its domain.
fn write(out: &mut String, reference: &Reference, text: &str, viewer: &Viewer) {
    let class = match reference.kind {
        Kind::Issue { .. } => "ref issue",
        Kind::Revision(_) | Kind::Commit(_) => "ref commit",
        Kind::Message(_) => "ref message",
        Kind::Url if text.starts_with("mailto:") => return write_address(out, &text[7..], viewer),
        Kind::Url => {
            out.push_str("<a href=\"");
            escape::push(out, &reference.key);
            out.push_str("\" rel=\"nofollow noopener\">");
            escape::push(out, text);
            return out.push_str("</a>");
        }
        Kind::Address => return write_address(out, text, viewer),
    };
    out.push_str("<a class=\"");
    out.push_str(class);
    out.push_str("\" href=\"");
    escape::push(out, &url_of(reference));
    out.push_str("\">");
    escape::push(out, text);
    out.push_str("</a>");
}

fn write_address(out: &mut String, address: &str, viewer: &Viewer) {
    if viewer.knows_addresses {
        let escaped = escape::escape(address);
        out.push_str(&format!("<a href=\"mailto:{escaped}\">{escaped}</a>"));
    } else {
        out.push_str("<span class=\"address\" title=\"Log in to see the address\">");
        escape::push(out, address.split('@').next().unwrap_or(""));
        out.push_str("@…</span>");
    }
}
