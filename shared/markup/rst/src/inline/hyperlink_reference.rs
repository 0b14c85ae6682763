//! References by a simple name or by a phrase in backquotes (reStructuredText specification, "Hyperlink References").

use super::embedded_uri::{Embedded, embedded_link};
use super::reference_name::{is_word, name_starts, simple_name};
use super::rules::unescape;
use super::{Found, Scan};
use crate::doctree::names::{collapse, normalize};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

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

    /// A reference in backquotes, with a URI or an alias in angle brackets perhaps.
    pub(super) fn phrase_reference(&mut self, raw: &str, escaped: &str, anonymous: bool) -> Vec<NodeId> {
        match embedded_link(escaped) {
            Some((text, link)) => self.embedded_reference(raw, text, Embedded::of(link), anonymous),
            None => vec![self.named_reference(raw, escaped, anonymous)],
        }
    }

    /// `` `phrase name`_ ``: a reference to a target of this name, or to the next anonymous one.
    fn named_reference(&mut self, raw: &str, escaped: &str, anonymous: bool) -> NodeId {
        let node = self.doc.create(Kind::Reference);
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
        node
    }

    /// `` `text <link>`_ ``: the reference and, unless it is anonymous, a target of the name in its text.
    fn embedded_reference(&mut self, raw: &str, text: &str, link: Embedded, anonymous: bool) -> Vec<NodeId> {
        let (node, target) = (self.doc.create(Kind::Reference), self.doc.create(Kind::Target));
        let (key, destination, alias) = match link {
            Embedded::Alias(name) => ("refname", name, true),
            Embedded::Uri(uri) => ("refuri", uri, false),
        };
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

    /// Keeps the source of a reference, whose text begins after the first backquote.
    fn source_and_text(&mut self, node: NodeId, raw: &str, text: &str) {
        if text.contains('\\') {
            self.doc.set_raw_source(node, raw);
            return self.add_unescaped(node, text);
        }
        self.doc.set_source_and_text(node, raw, 1, 1 + text.len());
    }
}
