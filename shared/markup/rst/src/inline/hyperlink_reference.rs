//! Simple references (reStructuredText specification, "Hyperlink References", "Simple Reference Names").

use super::{Found, Scan};
use crate::doctree::Kind;
use crate::doctree::names::{collapse, normalize};
use crate::parser::Parser;

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn is_joint(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '+' | ':')
}

/// The bytes of the simple reference name that a text begins with: words joined by single `-._+:`.
pub(crate) fn simple_name(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if is_word(c) {
            end = i + c.len_utf8();
        } else if !(i == end && end > 0 && is_joint(c) && chars.peek().is_some_and(|(_, next)| is_word(*next))) {
            break;
        }
    }
    (end > 0).then_some(end)
}

/// The places before `end` where a simple name that reaches to `end` may begin, the leftmost first.
pub(super) fn name_starts(text: &str, from: usize, end: usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut chars = text[from..end].char_indices().rev().peekable();
    let mut start = end;
    let mut in_word = false;
    while let Some((i, c)) = chars.next() {
        if is_word(c) {
            (start, in_word) = (from + i, true);
        } else if in_word && is_joint(c) && chars.peek().is_some_and(|(_, before)| is_word(*before)) {
            starts.push(start);
            in_word = false;
        } else {
            break;
        }
    }
    if in_word {
        starts.push(start);
    }
    starts.reverse();
    starts
}

impl<'a> Parser<'a> {
    /// An underscore: the end of `name_` or `name__`, or the start of an inline target.
    pub(super) fn reference_or_target(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let bytes = scan.text.as_bytes();
        if i > scan.start
            && scan.char_before(i).is_some_and(is_word)
            && (scan.may_end(i + 1) || (bytes.get(i + 1) == Some(&b'_') && scan.may_end(i + 2)))
        {
            let starts = name_starts(scan.text, scan.start, i);
            if let Some(&begin) = starts.iter().find(|&&start| scan.may_begin(start))
                && let Some(end) = self.simple_reference_end(scan, begin, i)
            {
                return self.simple_reference(scan, begin, end.0, end.1);
            }
        }
        if bytes.get(i + 1) == Some(&b'`') && scan.may_begin(i) {
            return self.inline_target(scan, i);
        }
        Found::Nothing(i + 1)
    }

    /// Where the name ends and where its underscores end. At character level the longest name counts.
    fn simple_reference_end(&self, scan: &Scan<'_>, begin: usize, underscore: usize) -> Option<(usize, usize)> {
        let marks = |end: usize| {
            let bytes = scan.text.as_bytes();
            let count = bytes[end..].iter().take(2).take_while(|b| **b == b'_').count();
            (1..=count).rev().map(|n| (end, end + n)).find(|&(_, after)| scan.may_end(after))
        };
        let mut end = underscore;
        if scan.anywhere {
            let longest = begin + simple_name(&scan.text[begin..])?;
            end = (underscore..=longest)
                .rev()
                .find(|&e| e == longest || scan.text.as_bytes()[e] == b'_')
                .filter(|&e| scan.text[e..].starts_with('_'))
                .or_else(|| (underscore..longest).rev().find(|&e| scan.text.as_bytes()[e] == b'_'))?;
        }
        marks(end)
    }

    fn simple_reference(&mut self, scan: &Scan<'_>, begin: usize, end: usize, after: usize) -> Found {
        let name = &scan.text[begin..end];
        let node = self.doc.create(Kind::Reference);
        self.doc.set_source_and_text(node, &scan.text[begin..after], 0, end - begin);
        self.doc.set(node, "name", collapse(name));
        match after - end {
            1 => {
                self.doc.set(node, "refname", normalize(name));
                self.doc.note_refname(node);
            }
            _ => self.doc.set(node, "anonymous", 1),
        }
        Found::Nodes(begin, after, vec![node])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_names_end_where_they_should() {
        for (text, expected) in [
            ("a", Some(1)),
            ("a-b c", Some(3)),
            ("a--b", Some(1)),
            ("a_", Some(1)),
            ("_a", None),
            ("-a", None),
            ("é.b", Some(4)),
            ("", None),
        ] {
            assert_eq!(simple_name(text), expected, "{text}");
        }
    }

    #[test]
    fn simple_names_are_found_backwards() {
        assert_eq!(name_starts("see a-b.c", 0, 9), [4, 6, 8]);
        assert_eq!(name_starts("a--b", 0, 4), [3]);
        assert!(name_starts("a-", 0, 2).is_empty());
    }
}
