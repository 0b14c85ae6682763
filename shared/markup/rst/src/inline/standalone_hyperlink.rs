//! Standalone hyperlinks: URIs and addresses in running text, PEPs and RFCs when asked for (reStructuredText
//! specification, "Standalone Hyperlinks"; RFC 2396 for the characters of URIs).

use super::punctuation::{is_closer, is_delimiter, is_opener};
use super::rules::unescape;
use super::{Scan, schemes};
use crate::doctree::{Kind, NodeId};
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
struct Search<'t> {
    text: &'t str,
    anywhere: bool,
    /// What stands in angle brackets may be a Message-ID, which is for who writes the HTML to tell.
    message: bool,
}

impl Search<'_> {
    fn may_begin(&self, i: usize) -> bool {
        let Some(before) = self.text[..i].chars().next_back() else { return true };
        match self.anywhere {
            true => before != '\\',
            false => before.is_whitespace() || is_opener(before) || is_delimiter(before),
        }
    }

    fn may_end(&self, i: usize) -> bool {
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
    /// Puts a stretch of text without explicit markup into the tree.
    pub(super) fn plain_text(&mut self, scan: &Scan<'_>, from: usize, to: usize) {
        let mut rest = &scan.text[from..to.max(from)];
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
            self.link(scan, raw, uri);
            rest = &rest[link.end..];
        }
    }

    fn link(&mut self, scan: &Scan<'_>, raw: &str, uri: String) {
        let node = self.doc.create(Kind::Reference);
        self.doc.set(node, "refuri", uri);
        self.add_unescaped(node, raw);
        self.doc.append(scan.into, node);
    }

    /// Text in which PEPs and RFCs may be named.
    fn numbered_text(&mut self, scan: &Scan<'_>, text: &str) {
        let (pep, rfc) = (self.options.pep_references, self.options.rfc_references);
        let mut rest = text;
        while !rest.is_empty() {
            let search = Search { text: rest, anywhere: scan.anywhere, message: false };
            let found = if pep || rfc { find_number(&search, pep, rfc) } else { None };
            let Some((begin, end, uri)) = found else { break };
            self.text_node(scan, &rest[..begin]);
            self.link(scan, &rest[begin..end], uri);
            rest = &rest[end..];
        }
        self.text_node(scan, rest);
    }

    /// Appends a text without its escapes to the buffer, and notes where they stood.
    fn unescape_noting(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            self.doc.text_buffer().push_str(&rest[..at]);
            let mut chars = rest[at + 1..].chars();
            match chars.next() {
                None => {}
                Some(' ' | '\n') => self.doc.note_escape(true),
                Some(c) => {
                    if matches!(c, '-' | '\\' | '\'' | '"' | '.' | '`' | ';' | ',') {
                        self.doc.note_escape(false);
                    }
                    self.doc.text_buffer().push(c);
                }
            }
            rest = chars.as_str();
        }
        self.doc.text_buffer().push_str(rest);
    }

    fn text_node(&mut self, scan: &Scan<'_>, text: &str) {
        if text.is_empty() {
            return;
        }
        let start = self.doc.text_mark();
        match scan.keep_escapes {
            true => self.doc.text_buffer().push_str(text),
            false => self.unescape_noting(text),
        }
        let node: NodeId = self.doc.create_text_since(start);
        self.doc.append(scan.into, node);
    }
}

/// The address of a PEP.
pub(crate) fn pep_uri(number: u32) -> String {
    format!("https://peps.python.org/pep-{number:04}")
}

/// The address of an RFC.
pub(crate) fn rfc_uri(number: u32) -> String {
    format!("https://tools.ietf.org/html/rfc{number}.html")
}

/// The first `PEP 8`, `pep-0008.txt` or `RFC 822`: where it stands and its address.
fn find_number(search: &Search<'_>, pep: bool, rfc: bool) -> Option<(usize, usize, String)> {
    let words: [(bool, &str, bool); 3] = [(pep, "PEP", true), (pep, "pep-", true), (rfc, "RFC", false)];
    let mut best: Option<(usize, usize, String)> = None;
    for (wanted, word, is_pep) in words {
        for (at, _) in search.text.match_indices(word).take_while(|_| wanted) {
            if !search.may_begin(at) {
                continue;
            }
            let rest = &search.text[at + word.len()..];
            let digits = match word {
                "PEP" => rest.trim_start(),
                "pep-" => rest,
                _ => rest.strip_prefix('-').unwrap_or_else(|| rest.trim_start()),
            };
            if word == "PEP" && digits.len() == rest.len() {
                continue;
            }
            let count = digits.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(number) = digits[..count].parse::<u32>() else { continue };
            let mut end = search.text.len() - digits.len() + count;
            if word == "pep-" && search.text[end..].starts_with(".txt") && search.may_end(end + 4) {
                end += 4;
            }
            if !search.may_end(end) {
                continue;
            }
            if best.as_ref().is_none_or(|(begin, ..)| at < *begin) {
                best = Some((at, end, if is_pep { pep_uri(number) } else { rfc_uri(number) }));
            }
            break;
        }
    }
    best
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
