//! Inline markup (reStructuredText specification, "Inline Markup").
//!
//! The text is read once from left to right. Bytes that can begin or end markup are looked at; all else is passed
//! over. A search for an end that found none is remembered, so that the time stays in proportion to the text.

mod footnote;
mod interpreted;
mod markup;
mod punctuation;
mod reference;
mod rules;
mod schemes;
mod standalone;

pub(crate) use reference::simple_name;
pub(crate) use rules::{split_escaped_space, unescape};
pub(crate) use standalone::{is_email, pep_uri, rfc_uri};

use crate::doctree::NodeId;
use crate::lines::Place;
use crate::parser::Parser;

/// A text being read.
pub(crate) struct Scan<'t> {
    text: &'t str,
    place: Place,
    /// The element that the nodes go into.
    into: NodeId,
    /// Where the text after the last construct begins; markup may begin here whatever stands before.
    start: usize,
    /// Where the text that is not yet in the tree begins.
    plain: usize,
    /// A byte that was pointed at, and the line ends before it: the next one is counted from here.
    counted: (usize, usize),
    /// Ends that were searched for and do not come any more.
    exhausted: [bool; 6],
    messages: Vec<NodeId>,
    anywhere: bool,
    keep_escapes: bool,
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
        self.scan(text, place, into, false)
    }

    /// The same, but text nodes keep their backslashes.
    pub fn inline_keeping_escapes(&mut self, text: &str, place: Place, into: NodeId) -> Vec<NodeId> {
        self.scan(text, place, into, true)
    }

    fn scan(&mut self, text: &str, place: Place, into: NodeId, keep_escapes: bool) -> Vec<NodeId> {
        let mut scan = Scan {
            text,
            place,
            into,
            start: 0,
            plain: 0,
            counted: (0, 0),
            exhausted: [false; 6],
            messages: Vec::new(),
            anywhere: self.options.character_level_markup,
            keep_escapes,
        };
        let bytes = text.as_bytes();
        let mut i = 0;
        while let Some(skip) = bytes[i..].iter().position(|b| SPECIAL[*b as usize]) {
            i += skip;
            let known = self.doc.messages.len();
            let found = self.construct(&mut scan, i);
            if self.doc.messages.len() > known {
                self.point_at(&mut scan, known, i);
            }
            match found {
                Found::Nothing(next) => i = next,
                Found::Restart(next) => (scan.start, i) = (next, next),
                Found::Nodes(begin, end, nodes) => {
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

    /// Gives messages about this paragraph the line and the column of the markup that they are about.
    fn point_at(&mut self, scan: &mut Scan<'_>, known: usize, i: usize) {
        let (counted, line) = scan.counted;
        let line = line + scan.text[counted..i].bytes().filter(|b| *b == b'\n').count();
        scan.counted = (i, line);
        let column = scan.text[..i].rsplit('\n').next().map_or(0, |line| line.chars().count());
        for message in &mut self.doc.messages[known..] {
            if message.line == Some(scan.place.line) {
                message.line = Some(scan.place.line + u32::try_from(line).unwrap_or(0));
                message.column = u32::try_from(usize::from(scan.place.column) + column + 1).ok();
            }
        }
    }

    /// What begins (or, for simple references, ends) at a special byte.
    fn construct(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        let bytes = scan.text.as_bytes();
        let next = bytes.get(i + 1).copied();
        match bytes[i] {
            b'\\' => Found::Nothing(i + 1 + scan.text[i + 1..].chars().next().map_or(0, char::len_utf8)),
            b'*' if next == Some(b'*') => self.strong(scan, i),
            b'*' => self.emphasis(scan, i),
            b'`' if next == Some(b'`') => self.literal(scan, i),
            b'`' => self.interpreted_or_phrase(scan, i),
            b'|' if next != Some(b'|') => self.substitution_reference(scan, i),
            b'_' => self.reference_or_target(scan, i),
            b'[' => self.footnote_reference(scan, i),
            _ => Found::Nothing(i + 1),
        }
    }
}
