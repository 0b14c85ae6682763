//! Escaping for HTML, and the schemes that a link may have: those of the reST crate, whose writer everything goes through.

pub use rst::html::escape;
use rst::html::{escape_into, safe_scheme};

/// Appends the escaped text.
pub(crate) fn push(out: &mut String, text: &str) {
    escape_into(out, text);
}

/// The address when a link may point there: relative, or of a harmless scheme. Browsers drop tabs and newlines inside a
/// scheme (WHATWG URL, section 4.4); one that contains any is none that is known, and is refused.
pub fn safe_url(url: &str) -> Option<&str> {
    let url = url.trim_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control());
    safe_scheme(url).then_some(url)
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
