//! Interpreted text and phrase references (reStructuredText specification, "Interpreted Text", "Hyperlink References",
//! "Embedded URIs and Aliases").

use super::delimited::End;
use super::hyperlink_reference::name_starts;
use super::rules::{is_escaped, split_escaped_space, unescape};
use super::standalone_hyperlink::{is_email, is_uri_start};
use super::{Found, Scan, simple_name};
use crate::doctree::names::{collapse, normalize};
use crate::doctree::{Kind, Level, NodeId};
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
        if *self.is_exhausted(End::Interpreted) || self.tail_at(from).is_some() {
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
        *self.is_exhausted(End::Interpreted) = true;
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
    pub(super) fn interpreted_or_phrase(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
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

    /// Keeps the source of a reference, whose text begins after the first backquote.
    fn source_and_text(&mut self, node: NodeId, raw: &str, text: &str) {
        if text.contains('\\') {
            self.doc.set_raw_source(node, raw);
            return self.add_unescaped(node, text);
        }
        self.doc.set_source_and_text(node, raw, 1, 1 + text.len());
    }

    /// A reference in backquotes, with a URI or an alias in angle brackets perhaps.
    fn phrase_reference(&mut self, raw: &str, escaped: &str, anonymous: bool) -> Vec<NodeId> {
        let node = self.doc.create(Kind::Reference);
        let Some((text, link)) = embedded_link(escaped) else {
            let name = unescape(escaped);
            self.doc.set(node, "name", collapse(&name));
            self.source_and_text(node, raw, escaped);
            match anonymous {
                true => self.doc.set(node, "anonymous", 1),
                false => {
                    self.doc.set(node, "refname", normalize(&name));
                    self.doc.note_refname(node);
                }
            }
            return vec![node];
        };
        let target = self.doc.create(Kind::Target);
        let alias = link.ends_with('_') && !link.ends_with(r"\_") && !is_uri_start(link);
        let destination = match alias {
            true => normalize(&unescape(&link[..link.len() - 1])),
            false => embedded_uri(link),
        };
        let key = if alias { "refname" } else { "refuri" };
        self.doc.set(target, key, destination.clone());
        let name = if text.is_empty() { destination.clone() } else { unescape(text) };
        self.doc.set(node, "name", collapse(&name));
        match text.is_empty() {
            true => {
                self.doc.set_raw_source(node, raw);
                self.doc.add_text(node, &name);
            }
            false => self.source_and_text(node, raw, text),
        }
        self.doc.set(node, key, destination);
        if alias {
            self.doc.note_refname(node);
        }
        if anonymous {
            return vec![node];
        }
        self.doc.push(target, "names", normalize(&name));
        if alias {
            self.doc.targets.indirect.push(target);
            self.doc.note_refname(target);
        }
        self.doc.note_implicit_target(target, Some(self.node));
        vec![node, target]
    }
}

/// The text before `<link>` at the end, and the link.
fn embedded_link(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix('>')?;
    if is_escaped(text, inner.len()) || inner.ends_with(char::is_whitespace) {
        return None;
    }
    let mut open = None;
    for (i, c) in inner.char_indices().rev() {
        if matches!(c, '<' | '>') && !is_escaped(inner, i) {
            open = Some(i).filter(|_| c == '<');
            break;
        }
    }
    let open = open?;
    let link = &inner[open + 1..];
    let before = &inner[..open];
    let trimmed = before.trim_end_matches([' ', '\n']);
    if link.is_empty() || link.starts_with(char::is_whitespace) || (trimmed.len() == before.len() && !before.is_empty())
    {
        return None;
    }
    Some((trimmed, link))
}

/// A URI without its unescaped white space.
fn embedded_uri(link: &str) -> String {
    let parts: Vec<String> =
        split_escaped_space(link).iter().map(|part| unescape(&part.split_whitespace().collect::<String>())).collect();
    let uri = parts.join(" ");
    let uri = if is_email(&uri) { format!("mailto:{uri}") } else { uri };
    match uri.strip_suffix(r"\_") {
        Some(start) => format!("{start}_"),
        None => uri,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_at_the_end() {
        for (text, expected) in [
            ("a <b>", Some(("a", "b"))),
            ("<b>", Some(("", "b"))),
            ("a<b>", None),
            ("a <b> c", None),
            (r"a \<b>", None),
            (r"a <b\>", None),
            ("a < b>", None),
            ("a\n<b c>", Some(("a", "b c"))),
        ] {
            assert_eq!(embedded_link(text), expected, "{text}");
        }
        assert_eq!(embedded_uri(r"http://x/ y\_"), "http://x/y_");
    }
}
