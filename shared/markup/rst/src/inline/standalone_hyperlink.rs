//! Standalone hyperlinks: URIs and addresses in running text (reStructuredText specification, "Standalone Hyperlinks";
//! RFC 2396 for the characters of URIs).

use super::punctuation::{is_closer, is_delimiter, is_opener};
use super::rules::unescape;
use super::{Scan, schemes};
use crate::doctree::Kind;
use crate::options::Profile;
use crate::parser::Parser;

/// Characters of URIs; a backslash escapes the next one.
fn is_uric(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_.!~*'()[];/:@&=+$,%\\".contains(&b)
}

/// Characters that may end a URI.
fn is_last(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_~*/=+".contains(&b)
}

/// Characters of the parts of an address.
fn is_emailc(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_!~*'{|}/#?^`&=+$%\\".contains(&b)
}

/// A reference in a text.
struct Link {
    begin: usize,
    end: usize,
    /// Where the scheme ends; none for an address.
    colon: Option<usize>,
}

/// Longer words in angle brackets are no Message-IDs.
const LONGEST_ID: usize = 256;

/// A text in which references are looked for, and where markup may begin and end anywhere when asked.
pub(super) struct Search<'t> {
    pub text: &'t str,
    pub anywhere: bool,
    /// What stands in angle brackets may be a Message-ID, which is for who writes the HTML to tell.
    pub message: bool,
}

impl Search<'_> {
    pub fn may_begin(&self, i: usize) -> bool {
        let Some(before) = self.text[..i].chars().next_back() else { return true };
        match self.anywhere {
            true => before != '\\',
            false => before.is_whitespace() || is_opener(before) || is_delimiter(before),
        }
    }

    pub fn may_end(&self, i: usize) -> bool {
        let Some(next) = self.text.get(i..).and_then(|rest| rest.chars().next()) else { return true };
        self.anywhere
            || next.is_whitespace()
            || matches!(next, '\\' | '.' | ',' | ';' | '!' | '?')
            || is_delimiter(next)
            || is_closer(next)
    }

    /// True when a URI may end before this byte, seen from its characters only.
    fn ends_uri(&self, i: usize) -> bool {
        let bytes = self.text.as_bytes();
        is_last(bytes[i - 1]) || (is_uric(bytes[i - 1]) && bytes.get(i) == Some(&b'>'))
    }

    /// Where a run of characters ends; an escaped backslash is none of them.
    fn run(&self, from: usize, class: fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes();
        let mut i = from;
        while i < bytes.len() && class(bytes[i]) {
            i += 1;
            if bytes[i - 1] == b'\\' && bytes.get(i) == Some(&b'\\') {
                break;
            }
        }
        i
    }

    /// The end of a run of URI characters from `from`, then of a query and a fragment when `parts` allows.
    fn uri_end(&self, from: usize, marks: &[u8]) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let limit = self.run(from, is_uric);
        for end in (from + 1..=limit).rev() {
            if !self.ends_uri(end) {
                continue;
            }
            if let Some(at) = bytes.get(end).and_then(|b| marks.iter().position(|m| m == b))
                && let Some(end) = self.uri_end(end + 1, &marks[at + 1..])
            {
                return Some(end);
            }
            if self.may_end(end) {
                return Some(end);
            }
        }
        None
    }

    /// A URI whose scheme ends at this colon; `passed` is where a run of characters without an end was seen before.
    fn uri_at(&self, colon: usize, passed: &mut usize) -> Option<Link> {
        let bytes = self.text.as_bytes();
        if colon < *passed {
            return None;
        }
        let scheme = |b: u8| b.is_ascii_alphanumeric() || b"+.-".contains(&b);
        let first = colon - bytes[..colon].iter().rev().take_while(|b| scheme(**b)).count();
        let begin = (first..colon).find(|&i| bytes[i].is_ascii_alphabetic() && self.may_begin(i))?;
        match self.uri_end(colon + 1, b"?#") {
            Some(end) => Some(Link { begin, end, colon: Some(colon) }),
            None => {
                *passed = self.run(colon + 1, is_uric);
                None
            }
        }
    }

    fn email_at(&self, at: usize) -> Option<Link> {
        let bytes = self.text.as_bytes();
        if at == 0 || bytes[at - 1] == b'\\' || (self.message && self.in_brackets(at)) {
            return None;
        }
        let mut first = at;
        while first > 0
            && (is_emailc(bytes[first - 1]) || (bytes[first - 1] == b'.' && first < at && bytes[first] != b'.'))
        {
            first -= 1;
        }
        let begin = (first..at).find(|&i| is_emailc(bytes[i]) && self.may_begin(i))?;
        if bytes[at - 1] == b'.' || !bytes.get(at + 1).is_some_and(|b| is_emailc(*b)) {
            return None;
        }
        let mut limit = self.run(at + 1, |b| is_emailc(b) || b == b'.');
        if bytes.get(limit).is_some_and(|b| is_uric(*b)) && bytes.get(limit + 1) == Some(&b'>') {
            limit += 1;
        }
        let end = (at + 3..=limit).rev().find(|&end| self.ends_uri(end) && self.may_end(end))?;
        Some(Link { begin, end, colon: None })
    }

    /// True when the word around a byte stands in angle brackets.
    fn in_brackets(&self, at: usize) -> bool {
        let edge = |b: &u8| *b <= b' ' || matches!(b, b'<' | b'>');
        let (before, after) = self.text.as_bytes().split_at(at);
        before.iter().rev().take(LONGEST_ID).find(|b| edge(b)) == Some(&b'<')
            && after.iter().take(LONGEST_ID).find(|b| edge(b)) == Some(&b'>')
    }

    /// The first reference in the text.
    fn find(&self) -> Option<Link> {
        let bytes = self.text.as_bytes();
        let (mut from, mut passed) = (0, 0);
        while let Some(skip) = memchr::memchr2(b':', b'@', &bytes[from..]) {
            let i = from + skip;
            let link = match bytes[i] {
                b':' => self.uri_at(i, &mut passed),
                _ => self.email_at(i),
            };
            if link.is_some() {
                return link;
            }
            from = i + 1;
        }
        None
    }
}

/// True when a whole text is an address.
pub(crate) fn is_email(text: &str) -> bool {
    let Some(at) = text.find('@') else { return false };
    let search = Search { text, anywhere: true, message: false };
    search.email_at(at).is_some_and(|link| link.begin == 0 && link.end == text.len())
}

/// True when a text begins with a URI or an address.
pub(super) fn is_uri_start(text: &str) -> bool {
    Search { text, anywhere: false, message: false }.find().is_some_and(|link| link.begin == 0)
}

impl<'a> Parser<'a> {
    /// Puts a text into the tree, the URIs and addresses in it as references.
    pub(super) fn standalone_hyperlinks(&mut self, scan: &Scan<'_>, text: &str) {
        let mut rest = text;
        let mut uris = true;
        let message = self.options.profile == Profile::Restricted;
        while !rest.is_empty() {
            let search = Search { text: rest, anywhere: scan.anywhere, message };
            let Some(link) = uris.then(|| search.find()).flatten() else {
                return self.numbered_text(scan, rest);
            };
            if link.colon.is_some_and(|colon| !schemes::is_known(&rest[link.begin..colon])) {
                uris = false;
                continue;
            }
            self.numbered_text(scan, &rest[..link.begin]);
            let raw = &rest[link.begin..link.end];
            let uri = unescape(raw);
            let uri = if link.colon.is_none() { format!("mailto:{uri}") } else { uri };
            self.standalone_reference(scan, raw, uri);
            rest = &rest[link.end..];
        }
    }

    /// A reference whose text is its own address.
    pub(super) fn standalone_reference(&mut self, scan: &Scan<'_>, raw: &str, uri: String) {
        let node = self.doc.create(Kind::Reference);
        self.doc.set(node, "refuri", uri);
        self.add_unescaped(node, raw);
        self.doc.append(scan.into, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        Search { text, anywhere: false, message: false }.find().map(|link| &text[link.begin..link.end])
    }

    #[test]
    fn references_end_before_punctuation() {
        for (text, expected) in [
            ("see http://a.b/c.", Some("http://a.b/c")),
            ("(http://a.b/c?d=e#f)", Some("http://a.b/c?d=e#f")),
            ("<http://a.b/(c)>", Some("http://a.b/(c)")),
            ("mail me@a.b, now", Some("me@a.b")),
            ("mailto:me@a.b", Some("mailto:me@a.b")),
            ("a: b", None),
            ("a @ b", None),
            ("xhttp", None),
            (r"http://a.b\\c", Some("http://a.b")),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn whole_addresses() {
        assert!(is_email("a.b@c.de") && !is_email("a b@c.de") && !is_email("a@"));
    }
}
