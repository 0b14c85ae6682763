//! Inline markup (reStructuredText specification, "Inline Markup").
//!
//! The text is read once from left to right. Bytes that can begin or end markup are looked at; all else is passed
//! over. A search for an end that found none is remembered, so that the time stays in proportion to the text.

mod citation_reference;
mod delimited;
mod embedded_uri;
mod emphasis;
mod footnote_reference;
mod hyperlink_reference;
mod inline_literal;
mod inline_target;
mod interpreted_text;
mod pep_rfc_reference;
mod punctuation;
mod reference_name;
mod rules;
mod schemes;
mod standalone_hyperlink;
mod strong_emphasis;
mod substitution_reference;
mod text;

pub(crate) use pep_rfc_reference::{pep_uri, rfc_uri};
pub(crate) use reference_name::simple_name;
pub(crate) use rules::{split_escaped_space, unescape};
pub(crate) use standalone_hyperlink::is_email;

use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{Line, Place};
use crate::parser::Parser;

/// A text being read.
pub(crate) struct Scan<'t> {
    text: &'t str,
    place: Place,
    /// The characters cut before each line below the first.
    below: u16,
    /// The element that the nodes go into.
    into: NodeId,
    /// Where the text after the last construct begins; markup may begin here whatever stands before.
    start: usize,
    /// Where the text that is not yet in the tree begins.
    plain: usize,
    /// Ends that were searched for and do not come any more.
    exhausted: [bool; 6],
    messages: Vec<NodeId>,
    anywhere: bool,
    keep_escapes: bool,
    /// How far lines and characters were counted: byte, lines before it, characters of its line before it.
    counted: (usize, u32, u32),
}

impl<'t> Scan<'t> {
    fn of(text: &'t str, place: Place, into: NodeId) -> Scan<'t> {
        Scan {
            text,
            place,
            below: place.column,
            into,
            start: 0,
            plain: 0,
            exhausted: [false; 6],
            messages: Vec::new(),
            anywhere: false,
            keep_escapes: false,
            counted: (0, 0, 0),
        }
    }
}

/// What was found at a place.
enum Found {
    /// Nothing; reading goes on at this byte.
    Nothing(usize),
    /// No markup, but the text after this byte counts as a new beginning.
    Restart(usize),
    /// Nodes that stand for the bytes from the first to before the second.
    Nodes(usize, usize, Vec<NodeId>),
}

const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let special = b"*`|_[\\";
    let mut i = 0;
    while i < special.len() {
        table[special[i] as usize] = true;
        i += 1;
    }
    table
};

impl<'a> Parser<'a> {
    /// Reads a text's inline markup into an element; returns the messages, which the caller places.
    pub fn inline(&mut self, text: &str, place: Place, into: NodeId) -> Vec<NodeId> {
        self.scan(Scan::of(text, place, into))
    }

    /// The same for the joined lines of a block, whose first line may have been cut elsewhere than those below it.
    pub fn inline_of_block(&mut self, text: &str, block: &[Line<'_>], into: NodeId) -> Vec<NodeId> {
        let place = block.first().map_or(Place::default(), |line| line.place);
        let below = block.get(1).map_or(place, |line| line.place).column;
        self.scan(Scan { below, ..Scan::of(text, place, into) })
    }

    /// The same, but text nodes keep their backslashes.
    pub fn inline_keeping_escapes(&mut self, text: &str, place: Place, into: NodeId) -> Vec<NodeId> {
        self.scan(Scan { keep_escapes: true, ..Scan::of(text, place, into) })
    }

    fn scan(&mut self, mut scan: Scan<'_>) -> Vec<NodeId> {
        let (text, into) = (scan.text, scan.into);
        scan.anywhere = self.options.character_level_markup;
        let bytes = text.as_bytes();
        let mut i = 0;
        while let Some(skip) = bytes[i..].iter().position(|b| SPECIAL[*b as usize]) {
            i += skip;
            if self.doc.faults() >= self.options.limits.messages {
                self.stop(&mut scan);
                break;
            }
            let known = self.doc.messages.len();
            let found = self.construct(&mut scan, i);
            if self.doc.messages.len() > known {
                self.point_at(&mut scan, known, i);
            }
            match found {
                Found::Nothing(next) => i = next,
                Found::Restart(next) => (scan.start, i) = (next, next),
                Found::Nodes(begin, end, nodes) => {
                    self.note_references(&mut scan, begin, &nodes);
                    self.plain_text(&scan, scan.plain, begin);
                    self.append_all(into, nodes);
                    (scan.start, scan.plain, i) = (end, end, end);
                }
            }
            if i >= bytes.len() {
                break;
            }
        }
        self.plain_text(&scan, scan.plain, text.len());
        scan.messages
    }

    /// Says, once, that there are too many faults to look for more.
    fn stop(&mut self, scan: &mut Scan<'_>) {
        let most = self.options.limits.messages;
        if self.doc.faults() == most {
            let text = format!("There are more than {most} faults; inline markup stands as it is from here on.");
            let message = self.report(Level::Error, &text, scan.place);
            scan.messages.push(message);
        }
    }

    /// Gives messages about this paragraph the line and the column of the markup that they are about.
    fn point_at(&mut self, scan: &mut Scan<'_>, known: usize, i: usize) {
        let (line, column) = scan.spot(i);
        for message in &mut self.doc.messages[known..] {
            if message.line == Some(scan.place.line) {
                message.line = Some(line);
                message.column = Some(column);
            }
        }
    }

    /// Notes where references stand that may turn out to lead nowhere, when all is read.
    fn note_references(&mut self, scan: &mut Scan<'_>, begin: usize, nodes: &[NodeId]) {
        for &node in nodes {
            let open = match self.doc.kind(node) {
                Kind::Reference => self.doc.get(node, "refuri").is_none(),
                Kind::SubstitutionReference | Kind::FootnoteReference | Kind::CitationReference => true,
                _ => false,
            };
            if open {
                let (line, column) = scan.spot(begin);
                let column = u16::try_from(column).unwrap_or(u16::MAX);
                self.doc.set_spot(node, line, column);
                let inner = self.doc.first_child(node);
                if let Some(inner) = inner.filter(|&n| self.doc.kind(n) == Kind::SubstitutionReference) {
                    self.doc.set_spot(inner, line, column);
                }
            }
        }
    }

    /// What begins (or, for simple references, ends) at a special byte.
    fn construct(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let bytes = scan.text.as_bytes();
        let next = bytes.get(i + 1).copied();
        match bytes[i] {
            b'\\' => Found::Nothing(i + 1 + scan.text[i + 1..].chars().next().map_or(0, char::len_utf8)),
            b'*' if next == Some(b'*') => self.strong_emphasis(scan, i),
            b'*' => self.emphasis(scan, i),
            b'`' if next == Some(b'`') => self.inline_literal(scan, i),
            b'`' => self.interpreted_text(scan, i),
            b'|' if next != Some(b'|') => self.substitution_reference(scan, i),
            b'_' => self.reference_or_target(scan, i),
            b'[' => self.footnote_reference(scan, i),
            _ => Found::Nothing(i + 1),
        }
    }
}
