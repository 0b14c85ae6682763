//! Where markup may begin and end, and backslash escapes (reStructuredText specification, "Inline markup recognition
//! rules", "Escaping Mechanism").

use super::Scan;
use super::punctuation::{is_closer, is_delimiter, is_opener, is_pair};

impl Scan<'_> {
    pub(super) fn char_before(&self, i: usize) -> Option<char> {
        self.text[..i].chars().next_back()
    }

    pub(super) fn char_at(&self, i: usize) -> Option<char> {
        self.text.get(i..).and_then(|rest| rest.chars().next())
    }

    /// The line and the column of a byte, counted from 1. Lines and characters are counted on from the last time: a
    /// paragraph may be long and full of what is asked about.
    pub(super) fn spot(&mut self, i: usize) -> (u32, u32) {
        let (from, line, column) = if i < self.counted.0 { (0, 0, 0) } else { self.counted };
        let passed = &self.text.as_bytes()[from..i];
        let breaks = memchr::memchr_iter(b'\n', passed).count();
        let (line, column, rest) = match memchr::memrchr(b'\n', passed) {
            Some(last) => (line + u32::try_from(breaks).unwrap_or(0), 0, &passed[last + 1..]),
            None => (line, column, passed),
        };
        // Every byte of UTF-8 that does not go on with a character begins one.
        let characters = rest.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        let column = column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        self.counted = (i, line, column);
        let cut = u32::from(if line == 0 { self.place.column } else { self.below });
        (self.place.line.saturating_add(line), column.saturating_add(cut + 1))
    }

    /// True when markup may begin at this byte.
    pub(super) fn may_begin(&self, i: usize) -> bool {
        if i <= self.start {
            return i == self.start;
        }
        let Some(before) = self.char_before(i) else { return true };
        match self.anywhere {
            true => !self.is_escaped(i),
            false => before.is_whitespace() || is_opener(before) || is_delimiter(before),
        }
    }

    /// True when markup may end before this byte.
    pub(super) fn may_end(&self, i: usize) -> bool {
        let Some(next) = self.char_at(i) else { return true };
        self.anywhere
            || next.is_whitespace()
            || matches!(next, '\\' | '.' | ',' | ';' | '!' | '?')
            || is_delimiter(next)
            || is_closer(next)
    }

    /// True when the character at this byte is not white space; also at the end.
    pub(super) fn text_follows(&self, i: usize) -> bool {
        self.char_at(i).is_none_or(|c| !c.is_whitespace())
    }

    /// True when the start string from `begin` to `end` stands in quotes or brackets, or at the end of the text.
    pub(super) fn is_quoted(&self, begin: usize, end: usize) -> bool {
        if begin == self.start {
            return false;
        }
        match (self.char_before(begin), self.char_at(end)) {
            (_, None) => true,
            (Some(before), Some(after)) => is_pair(before, after),
            (None, Some(_)) => false,
        }
    }

    /// True when a backslash escapes the character at this byte.
    pub(super) fn is_escaped(&self, i: usize) -> bool {
        is_escaped(self.text, i)
    }
}

/// True when a backslash escapes the character at this byte.
pub(super) fn is_escaped(text: &str, i: usize) -> bool {
    text[..i].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// A text without its escaping backslashes; escaped white space goes too.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    unescape_into(text, &mut out);
    out
}

/// Appends a text without its escaping backslashes.
pub(crate) fn unescape_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let mut chars = rest[at + 1..].chars();
        match chars.next() {
            None | Some(' ' | '\n') => {}
            Some(c) => out.push(c),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// The parts of a text between escaped spaces and line ends; other escapes stay.
pub(crate) fn split_escaped_space(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut i) = (Vec::new(), 0, 0);
    while i < bytes.len() {
        if bytes[i] == b'\\' {
            if matches!(bytes.get(i + 1), Some(b' ' | b'\n')) {
                parts.push(&text[start..i]);
                start = i + 2;
            }
            i += 1;
        }
        i += 1;
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go() {
        for (text, expected) in [(r"a\*b", "a*b"), (r"a\ b", "ab"), (r"a\\b", r"a\b"), (r"a\", "a"), ("a\\\nb", "ab")] {
            assert_eq!(unescape(text), expected, "{text}");
        }
        assert_eq!(split_escaped_space(r"a\ b\\ c"), ["a", r"b\\ c"]);
    }
}
