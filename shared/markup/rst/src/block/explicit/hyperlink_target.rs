//! Hyperlink targets (reStructuredText specification, "Hyperlink Targets").

use super::Construct;
use crate::doctree::names::{collapse, normalize};
use crate::doctree::{Kind, NodeId};
use crate::inline::{is_email, simple_name, split_escaped_space, unescape};
use crate::lines::{Cut, Lines, Place};
use crate::parser::Parser;

/// Where a target leads.
pub(crate) enum Destination {
    /// The name of another target, not normalised.
    Name(String),
    /// A URI, or nothing for an internal target.
    Uri(String),
}

/// The name of a target and the bytes up to its content: `name: `, `` `phrase name`: ``, `_: `. `text` stands
/// after the underscore, with its backslashes.
fn name(text: &str) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    if let Some(end) = text.starts_with('_').then(|| colon(text, 1)).flatten() {
        return Some(("", end));
    }
    if text.starts_with('_') {
        return None;
    }
    let quoted = text.starts_with('`');
    let start = usize::from(quoted);
    if matches!(bytes.get(start)?, b' ' | b'`') {
        return None;
    }
    let mut i = start;
    let mut escaped = false;
    while i < bytes.len() {
        let plain = !std::mem::take(&mut escaped);
        if plain && bytes[i] == b'\\' {
            escaped = true;
        }
        let next = i + text[i..].chars().next().map_or(1, char::len_utf8);
        let closed = match quoted {
            false => Some(next),
            true => (bytes.get(next) == Some(&b'`')).then_some(next + 1),
        };
        let unspaced = !escaped && !text[i..next].ends_with(char::is_whitespace);
        let colon_before = !quoted && bytes[i] == b':' && plain;
        if let Some(close) = closed
            && unspaced
            && !colon_before
            && let Some(end) = colon(text, close)
        {
            return Some((&text[start..next], end));
        }
        i = next;
    }
    None
}

/// The end of an optional space, a colon, and the space after it.
fn colon(text: &str, i: usize) -> Option<usize> {
    let rest = text.get(i..)?;
    let gap = usize::from(rest.starts_with(' '));
    rest[gap..].starts_with(':').then(|| super::super::marker_end(text, i + gap + 1)).flatten()
}

/// The name in `name_` or `` `phrase name`_ ``, when the text is nothing else.
fn reference(text: &str) -> Option<String> {
    let text = collapse(text);
    let inner = text.strip_suffix('_')?;
    if simple_name(inner) == Some(inner.len()) && !inner.is_empty() {
        return Some(inner.to_owned());
    }
    let phrase = inner.strip_prefix('`')?.strip_suffix('`')?;
    let escaped = phrase.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
    (!phrase.is_empty() && !phrase.starts_with(' ') && !phrase.ends_with(' ') && !escaped).then(|| unescape(phrase))
}

/// Where the lines of a target lead; they hold their backslashes.
pub(crate) fn destination(block: &[&str]) -> Destination {
    if block.last().is_some_and(|line| line.trim().ends_with('_')) {
        let joined: Vec<_> = block.iter().map(|line| line.trim()).collect();
        if let Some(name) = reference(&joined.join(" ")) {
            return Destination::Name(name);
        }
    }
    Destination::Uri(uri(&block.join(" ")))
}

/// A URI without its white space; escaped white space becomes a space.
pub(crate) fn uri(text: &str) -> String {
    let parts: Vec<String> =
        split_escaped_space(text).iter().map(|part| unescape(part).split_whitespace().collect::<String>()).collect();
    parts.join(" ")
}

impl<'a> Parser<'a> {
    pub(super) fn hyperlink_target(&mut self, lines: &mut Lines<'a>, end: usize) -> Option<Construct> {
        let (place, at) = (lines.here(), lines.at);
        let taken = lines.take(Cut { first: Some(end), until_blank: true, keep_indent: true, ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        let mut joined = String::new();
        let mut used = 0;
        let (label, rest) = loop {
            joined.push_str(taken.lines.get(used)?.text);
            used += 1;
            if let Some((label, end)) = name(&joined) {
                break (label.to_owned(), joined[end..].trim().to_owned());
            }
        };
        let mut block: Vec<&str> = vec![&rest];
        block.extend(taken.lines[used..].iter().map(|line| line.text));
        let target = self.target(&label, &block, place);
        if self.doc.has(target, "refname") {
            let start = lines.all.get(at).map_or("", |line| line.text);
            let rest: Vec<&str> = taken.lines[1..].iter().map(|line| line.text).collect();
            let source = std::iter::once(start).chain(rest).collect::<Vec<_>>().join("\n");
            self.doc.set_raw_source(target, &source);
        }
        Some((vec![target], taken.blank_finish))
    }

    pub(super) fn anonymous_target(&mut self, lines: &mut Lines<'a>, end: usize) -> Construct {
        let place = lines.here();
        let taken = lines.take(Cut { first: Some(end), until_blank: true, ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        let block: Vec<&str> = taken.lines.iter().map(|line| line.text).collect();
        let target = self.target("", &block, place);
        (vec![target], taken.blank_finish)
    }

    fn target(&mut self, label: &str, block: &[&str], place: Place) -> NodeId {
        let target = self.create_at(Kind::Target, place);
        let mut indirect = false;
        let refuri = match destination(block) {
            Destination::Name(name) => {
                self.doc.set(target, "refname", normalize(&name));
                indirect = true;
                String::new()
            }
            Destination::Uri(uri) => uri,
        };
        if label.is_empty() {
            if !refuri.is_empty() {
                self.doc.set(target, "refuri", refuri);
            }
            self.doc.set(target, "anonymous", 1);
            self.doc.set_id(target, None);
        } else {
            self.doc.push(target, "names", normalize(&unescape(label)));
            if !refuri.is_empty() {
                let uri = if is_email(&refuri) { format!("mailto:{refuri}") } else { refuri };
                self.doc.set(target, "refuri", uri);
            }
            self.doc.note_explicit_target(target, Some(self.node));
        }
        if indirect {
            self.doc.targets.indirect.push(target);
            if !self.doc.names(target).is_empty() {
                self.doc.note_refname(target);
            }
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_the_right_colon() {
        for (text, expected) in [
            ("a: b", Some(("a", 3))),
            ("a:", Some(("a", 2))),
            ("`a: b`: c", Some(("a: b", 8))),
            (r"a\: b: c", Some((r"a\: b", 7))),
            ("a b : c", Some(("a b", 6))),
            ("_: c", Some(("", 3))),
            ("a:b", None),
            ("_a: b", None),
            ("a", None),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }

    #[test]
    fn references_are_told_from_uris() {
        for (text, expected) in
            [("a_", Some("a")), ("`a b`_", Some("a b")), ("http://x/_", None), ("a b_", None), ("_", None)]
        {
            assert_eq!(reference(text).as_deref(), expected, "{text}");
        }
        assert_eq!(uri(r"http://a/ b c\ d"), "http://a/bc d");
    }
}
