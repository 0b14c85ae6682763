//! Tags, attributes and escapes.

use super::{Then, Writer};
use crate::doctree::NodeId;

/// The text with `& < > "` escaped, fit for content and for quoted attributes.
///
/// ```
/// assert_eq!(guildhall_rst::html::escape("a < \"b\" & c"), "a &lt; &quot;b&quot; &amp; c");
/// ```
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    escape_into(&mut out, text);
    out
}

/// Appends the text with `& < > "` escaped.
pub fn escape_into(out: &mut String, text: &str) {
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

/// True when a link may point there: relative, or of a scheme that runs nothing (RFC 3986 section 3.1).
///
/// ```
/// use guildhall_rst::html::safe_scheme;
/// assert!(safe_scheme("https://example.org/") && safe_scheme("page.html#a:b") && safe_scheme("MAILTO:a@b.c"));
/// assert!(!safe_scheme(" javascript:alert(1)") && !safe_scheme("java\nscript:x") && !safe_scheme("data:text/html,x"));
/// ```
pub fn safe_scheme(uri: &str) -> bool {
    const SCHEMES: [&str; 17] = [
        "http", "https", "mailto", "ftp", "ftps", "irc", "ircs", "news", "nntp", "git", "svn", "ssh", "xmpp", "mid",
        "tel", "urn", "doi",
    ];
    let uri = uri.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
    let head = &uri[..uri.find(['/', '?', '#']).unwrap_or(uri.len())];
    head.split_once(':').is_none_or(|(scheme, _)| SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s)))
}

/// Appends a URI for an attribute: characters that no URI has are percent-encoded (RFC 3986 section 2), the rest escaped.
pub(super) fn push_uri(out: &mut String, uri: &str) {
    for c in uri.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#x27;"),
            'a'..='z' | 'A'..='Z' | '0'..='9' => out.push(c),
            '-' | '_' | '.' | '~' | '!' | '#' | '$' | '%' | '(' | ')' | '*' | '+' | ',' | '/' | ':' | ';' | '='
            | '?' | '@' => out.push(c),
            _ => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    const HEX: &[u8; 16] = b"0123456789ABCDEF";
                    out.push('%');
                    out.push(char::from(HEX[usize::from(byte >> 4)]));
                    out.push(char::from(HEX[usize::from(byte & 15)]));
                }
            }
        }
    }
}

impl Writer<'_> {
    /// Opens an element with the identifiers and classes of its node, and these classes first.
    pub(super) fn open(&mut self, tag: &str, node: NodeId, classes: &[&str]) {
        self.begin(tag, node, classes);
        self.end();
        self.more_ids(node);
    }

    /// `<tag id class`, to be followed by attributes and [`Writer::end`].
    pub(super) fn begin(&mut self, tag: &str, node: NodeId, classes: &[&str]) {
        self.out.push('<');
        self.out.push_str(tag);
        if self.bare() {
            return;
        }
        if let Some(id) = self.doc.ids(node).first() {
            self.id_attribute(id);
        }
        self.classes(node, classes);
    }

    pub(super) fn classes(&mut self, node: NodeId, classes: &[&str]) {
        let own = self.doc.classes(node);
        if classes.is_empty() && own.is_empty() {
            return;
        }
        self.out.push_str(" class=\"");
        let all = classes.iter().copied().chain(own.iter().map(String::as_str).filter(|c| !classes.contains(c)));
        for (i, class) in all.enumerate() {
            if i > 0 {
                self.out.push(' ');
            }
            escape_into(&mut self.out, class);
        }
        self.out.push('"');
    }

    pub(super) fn end(&mut self) {
        self.out.push('>');
    }

    pub(super) fn id_attribute(&mut self, id: &str) {
        self.out.push_str(" id=\"");
        escape_into(&mut self.out, self.options.id_prefix);
        escape_into(&mut self.out, id);
        self.out.push('"');
    }

    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape_into(&mut self.out, value);
        self.out.push('"');
    }

    /// An attribute with words of the author for a reader.
    pub(super) fn words_attribute(&mut self, name: &str, words: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.options.hooks.plain(words, &mut self.out);
        self.out.push('"');
    }

    pub(super) fn uri_attribute(&mut self, name: &str, uri: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        push_uri(&mut self.out, uri);
        self.out.push('"');
    }

    /// ` href="#id"`.
    pub(super) fn local_href(&mut self, id: &str) {
        self.out.push_str(" href=\"#");
        push_uri(&mut self.out, self.options.id_prefix);
        push_uri(&mut self.out, id);
        self.out.push('"');
    }

    /// Anchors for the second and further identifiers of a node.
    pub(super) fn more_ids(&mut self, node: NodeId) {
        if !self.bare() {
            for id in self.doc.ids(node).iter().skip(1) {
                self.anchor(id);
            }
        }
    }

    /// An anchor for each identifier of a node that shows nothing.
    pub(super) fn anchors(&mut self, node: NodeId) -> Then {
        for id in self.doc.ids(node) {
            self.anchor(id);
        }
        Then::Done
    }

    pub(super) fn anchor(&mut self, id: &str) {
        self.out.push_str("<span");
        self.id_attribute(id);
        self.out.push_str("></span>");
    }

    /// Anchors for all further identifiers before an element that may not hold a `span` (`ul`, `dl`, `table`).
    pub(super) fn open_strict(&mut self, tag: &str, node: NodeId, classes: &[&str]) {
        self.more_ids(node);
        self.begin(tag, node, classes);
        self.end();
    }
}
