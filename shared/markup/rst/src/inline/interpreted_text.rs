//! Interpreted text with its role before or after it (reStructuredText specification, "Interpreted Text").

use super::delimited::End;
use super::reference_name::{name_starts, simple_name};
use super::{Found, Scan};
use crate::doctree::Level;
use crate::parser::Parser;

/// The end of interpreted text.
struct Tail<'t> {
    /// Where its text ends, and where all of it ends.
    text_end: usize,
    end: usize,
    role: Option<&'t str>,
    underscores: usize,
}

impl<'t> Scan<'t> {
    /// Where `:role:` before a backquote begins, when it stands there and may begin there.
    fn role_before(&self, quote: usize) -> Option<(usize, &'t str)> {
        let bytes = self.text.as_bytes();
        if quote <= self.start || bytes[quote - 1] != b':' {
            return None;
        }
        let end = quote - 1;
        let starts = name_starts(self.text, self.start, end);
        let begin = starts.into_iter().find(|&s| s > self.start && bytes[s - 1] == b':' && self.may_begin(s - 1))?;
        Some((begin - 1, &self.text[begin..end]))
    }

    fn find_tail(&mut self, from: usize) -> Option<Tail<'t>> {
        if self.is_exhausted(End::Interpreted) || self.tail_at(from).is_some() {
            return None;
        }
        let bytes = self.text.as_bytes();
        let mut i = from;
        let mut escaped_to = from;
        while let Some(skip) = memchr::memchr2(b'`', b'\\', &bytes[i..]) {
            i += skip;
            if bytes[i] == b'\\' {
                i += 1 + self.char_at(i + 1).map_or(0, char::len_utf8);
                escaped_to = i;
                continue;
            }
            let spaced = escaped_to != i && self.char_before(i).is_some_and(char::is_whitespace);
            if i > from
                && !spaced
                && let Some(tail) = self.tail_at(i)
            {
                return Some(tail);
            }
            i += 1;
        }
        self.exhaust(End::Interpreted);
        None
    }

    /// A backquote with an optional role and optional underscores after it.
    fn tail_at(&self, i: usize) -> Option<Tail<'t>> {
        let rest = self.text[i..].strip_prefix('`')?;
        let role = rest
            .strip_prefix(':')
            .and_then(|rest| simple_name(rest).filter(|n| rest[*n..].starts_with(':')).map(|n| &rest[..n]));
        let ends = |after: usize| {
            let marks = self.text.as_bytes()[after..].iter().take(2).take_while(|b| **b == b'_').count();
            (0..=marks).rev().find(|n| self.may_end(after + n))
        };
        if let Some(role) = role {
            let after = i + 3 + role.len();
            if let Some(underscores) = ends(after) {
                return Some(Tail { text_end: i, end: after + underscores, role: Some(role), underscores });
            }
        }
        let underscores = ends(i + 1)?;
        Some(Tail { text_end: i, end: i + 1 + underscores, role: None, underscores })
    }
}

impl<'a> Parser<'a> {
    /// A backquote: interpreted text, or a phrase reference when underscores end it.
    pub(super) fn interpreted_text(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let from = i + 1;
        if !scan.text_follows(from) {
            return Found::Nothing(from);
        }
        let prefix = scan.role_before(i);
        if prefix.is_none() {
            if !scan.may_begin(i) {
                return Found::Nothing(from);
            }
            if scan.is_quoted(i, from) {
                return Found::Restart(from);
            }
        }
        let begin = prefix.map_or(i, |(begin, _)| begin);
        let Some(tail) = scan.find_tail(from) else {
            let text = "Inline interpreted text or phrase reference start-string without end-string.";
            return self.fault(scan, text, i, from);
        };
        let raw = &scan.text[begin..tail.end];
        let position = match (prefix, tail.role) {
            (Some(_), Some(_)) => {
                let text = "Multiple roles in interpreted text (both prefix and suffix present; only one allowed).";
                return self.fault(scan, text, begin, tail.end);
            }
            (Some(_), None) => "prefix",
            _ => "suffix",
        };
        let role = prefix.map(|(_, role)| role).or(tail.role);
        let text = &scan.text[from..tail.text_end];
        if tail.underscores == 0 {
            let (nodes, messages) = self.interpreted(role.unwrap_or(""), raw, text, scan.place);
            scan.messages.extend(messages);
            return Found::Nodes(begin, tail.end, nodes);
        }
        if role.is_some() {
            let text = format!("Mismatch: both interpreted text role {position} and reference suffix.");
            return self.fault(scan, &text, begin, tail.end);
        }
        Found::Nodes(begin, tail.end, self.phrase_reference(raw, text, tail.underscores == 2))
    }

    fn fault(&mut self, scan: &mut Scan<'_>, text: &str, begin: usize, end: usize) -> Found {
        let message = self.report(Level::Warning, text, scan.place);
        let node = self.problematic(&scan.text[begin..end], message);
        scan.messages.push(message);
        Found::Nodes(begin, end, vec![node])
    }
}
