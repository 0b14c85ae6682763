//! URIs and aliases in angle brackets at the end of a reference (reStructuredText specification, "Embedded URIs and
//! Aliases").

use super::rules::{is_escaped, split_escaped_space, unescape};
use super::standalone_hyperlink::{is_email, is_uri_start};
use crate::doctree::names::normalize;

/// Where an embedded link leads.
pub(super) enum Embedded {
    /// An alias, normalised: the name of another target.
    Alias(String),
    Uri(String),
}

impl Embedded {
    /// Reads the text between the angle brackets, with its backslashes.
    pub(super) fn of(link: &str) -> Embedded {
        match link.ends_with('_') && !link.ends_with(r"\_") && !is_uri_start(link) {
            true => Embedded::Alias(normalize(&unescape(&link[..link.len() - 1]))),
            false => Embedded::Uri(uri(link)),
        }
    }
}

/// The text before `<link>` at the end, and the link.
pub(super) fn embedded_link(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix('>')?;
    if is_escaped(text, inner.len()) || inner.ends_with(char::is_whitespace) {
        return None;
    }
    let mut open = None;
    for (i, c) in inner.char_indices().rev() {
        if matches!(c, '<' | '>') && !is_escaped(inner, i) {
            open = Some(i).filter(|_| c == '<');
            break;
        }
    }
    let open = open?;
    let link = &inner[open + 1..];
    let before = &inner[..open];
    let trimmed = before.trim_end_matches([' ', '\n']);
    if link.is_empty() || link.starts_with(char::is_whitespace) || (trimmed.len() == before.len() && !before.is_empty())
    {
        return None;
    }
    Some((trimmed, link))
}

/// A URI without its unescaped white space.
fn uri(link: &str) -> String {
    let parts: Vec<String> =
        split_escaped_space(link).iter().map(|part| unescape(&part.split_whitespace().collect::<String>())).collect();
    let uri = parts.join(" ");
    let uri = if is_email(&uri) { format!("mailto:{uri}") } else { uri };
    match uri.strip_suffix(r"\_") {
        Some(start) => format!("{start}_"),
        None => uri,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_at_the_end() {
        for (text, expected) in [
            ("a <b>", Some(("a", "b"))),
            ("<b>", Some(("", "b"))),
            ("a<b>", None),
            ("a <b> c", None),
            (r"a \<b>", None),
            (r"a <b\>", None),
            ("a < b>", None),
            ("a\n<b c>", Some(("a", "b c"))),
        ] {
            assert_eq!(embedded_link(text), expected, "{text}");
        }
        assert_eq!(uri(r"http://x/ y\_"), "http://x/y_");
    }
}
