//! Escaping for HTML, and the schemes that a link may have.

/// The text with `& < > "` escaped, fit for element content and for quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    push(&mut out, text);
    out
}

/// Appends the escaped text.
pub(crate) fn push(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(entity);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

/// Schemes that a link from a stranger may have; every other one (`javascript:`, `data:`, `file:`) is refused.
const SCHEMES: [&str; 17] = [
    "http", "https", "mailto", "ftp", "ftps", "irc", "ircs", "news", "nntp", "git", "svn", "ssh", "xmpp", "mid", "tel",
    "urn", "doi",
];

/// The address when a link may point there: relative, or of a harmless scheme.
pub fn safe_url(url: &str) -> Option<&str> {
    let url = url.trim_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control());
    let head = &url[..url.find(['/', '?', '#']).unwrap_or(url.len())];
    let Some((scheme, _)) = head.split_once(':') else { return Some(url) };
    // Browsers drop tabs and newlines inside a scheme (WHATWG URL, section 4.4), so anything odd is refused.
    let plain = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    (plain && SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s))).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_markup() {
        assert_eq!(escape("a<b & \"c\" > d"), "a&lt;b &amp; &quot;c&quot; &gt; d");
    }

    #[test]
    fn scripts_are_no_links() {
        for bad in [
            "javascript:alert(1)",
            " JavaScript:x",
            "java\nscript:x",
            "data:text/html,x",
            "vbscript:x",
            "\u{1}javascript:x",
        ] {
            assert_eq!(safe_url(bad), None, "{bad}");
        }
        for good in ["https://x.org/a:b", "/issues/1", "page.html#a:b", "mailto:a@b.c", "#x", "?q=a:b", "IRC://x"] {
            assert_eq!(safe_url(good), Some(good));
        }
    }
}
