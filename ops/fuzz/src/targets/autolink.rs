//! References in running text: in order, apart, at the boundaries of characters, and with an address that is a link.

use markup::autolink::{find, url_of};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut end = 0;
    for reference in find(&text) {
        assert!(reference.range.start >= end && reference.range.end > reference.range.start);
        end = reference.range.end;
        assert!(text.get(reference.range.clone()).is_some() && !reference.key.is_empty());
        let url = url_of(&reference);
        assert!(!url.contains(|c: char| c == '<' || c == '"' || c.is_ascii_whitespace()), "{url}");
        let url = url.to_ascii_lowercase();
        assert!(!url.starts_with("javascript:") && !url.starts_with("data:"), "{url}");
    }
}
