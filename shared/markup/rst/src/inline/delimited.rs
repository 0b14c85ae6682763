//! What all markup between a start-string and an end-string shares (reStructuredText specification, "Inline markup
//! recognition rules").

use super::rules::unescape_into;
use super::{Found, Scan};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

/// The end strings that are searched for; each may run out once.
#[derive(Clone, Copy)]
pub(super) enum End {
    Emphasis,
    Strong,
    Literal,
    Target,
    Substitution,
    Interpreted,
}

impl Scan<'_> {
    /// The end of the markup whose text begins at `from`: where the text ends and where the end string ends.
    fn find_end(&mut self, end: End, from: usize) -> Option<(usize, usize)> {
        if self.is_exhausted(end) || self.end_at(end, from).is_some() {
            return None;
        }
        let first = match end {
            End::Emphasis | End::Strong => b'*',
            End::Literal | End::Target | End::Interpreted => b'`',
            End::Substitution => b'|',
        };
        let literal = matches!(end, End::Literal);
        let bytes = self.text.as_bytes();
        let mut i = from;
        while let Some(skip) = memchr::memchr2(first, if literal { first } else { b'\\' }, &bytes[i..]) {
            i += skip;
            if bytes[i] == b'\\' {
                i += 1 + self.char_at(i + 1).map_or(0, char::len_utf8);
                continue;
            }
            if i > from
                && !self.char_before(i).is_some_and(char::is_whitespace)
                && let Some(after) = self.end_at(end, i)
            {
                return Some((i, after));
            }
            i += 1;
        }
        self.exhaust(end);
        None
    }

    /// The end of the end string at this byte.
    fn end_at(&self, end: End, i: usize) -> Option<usize> {
        let rest = &self.text[i..];
        let (sign, marks) = match end {
            End::Emphasis => ("*", 0),
            End::Strong => ("**", 0),
            End::Literal => ("``", 0),
            End::Target | End::Interpreted => ("`", 0),
            End::Substitution => ("|", 2),
        };
        let after = rest.strip_prefix(sign)?;
        let marks = after.bytes().take(marks).take_while(|b| *b == b'_').count();
        (0..=marks).rev().map(|n| i + sign.len() + n).find(|&end| self.may_end(end))
    }

    /// True when this end was searched for and does not come any more.
    pub(super) fn is_exhausted(&self, end: End) -> bool {
        self.exhausted[end as usize]
    }

    /// Notes that this end does not come any more.
    pub(super) fn exhaust(&mut self, end: End) {
        self.exhausted[end as usize] = true;
    }
}

impl<'a> Parser<'a> {
    /// Markup that is an element around text.
    pub(super) fn simple_markup(
        &mut self,
        scan: &mut Scan<'_>,
        i: usize,
        length: usize,
        end: End,
        kind: Kind,
    ) -> Found {
        let from = i + length;
        if !scan.may_begin(i) || !scan.text_follows(from) {
            return Found::Nothing(from);
        }
        if scan.is_quoted(i, from) {
            return Found::Restart(from);
        }
        if let Some((text_end, after)) = scan.find_end(end, from) {
            let node = self.doc.create(kind);
            let text = &scan.text[from..text_end];
            match kind {
                Kind::Literal => drop(self.doc.add_text(node, text)),
                _ => self.add_unescaped(node, text),
            }
            if kind == Kind::SubstitutionReference {
                self.doc.set_raw_source(node, &scan.text[i..after]);
            }
            return Found::Nodes(i, after, vec![node]);
        }
        let text = format!("Inline {} start-string without end-string.", kind.name());
        let message = self.report(Level::Warning, &text, scan.place);
        let node = self.problematic(&scan.text[i..from], message);
        scan.messages.push(message);
        Found::Nodes(i, from, vec![node])
    }

    /// Adds a text without its escapes.
    pub(crate) fn add_unescaped(&mut self, node: NodeId, text: &str) {
        let start = self.doc.text_mark();
        unescape_into(text, self.doc.text_buffer());
        if self.doc.text_mark() > start || text.is_empty() {
            let text = self.doc.create_text_since(start);
            self.doc.append(node, text);
        }
    }

    /// The element that shows source text which a message is about, linked with the message both ways.
    pub(crate) fn problematic(&mut self, text: &str, message: NodeId) -> NodeId {
        let id = self.doc.set_id(message, Some(self.node));
        let node = self.doc.create(Kind::Problematic);
        self.doc.add_text(node, text);
        self.doc.set(node, "refid", id);
        let id = self.doc.set_id(node, None);
        self.doc.push(message, "backrefs", id);
        node
    }
}
