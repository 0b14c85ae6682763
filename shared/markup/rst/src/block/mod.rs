//! Body elements: what a block is, is decided by its first line (reStructuredText specification, "Body Elements").

pub(crate) mod block_quote;
pub(crate) mod bullet_list;
mod definition_list;
mod doctest_block;
pub(crate) mod enumerated_list;
pub(crate) mod explicit;
pub(crate) mod field_list;
mod header_fields;
pub(crate) mod line_block;
mod literal_block;
mod option_list;
mod paragraph;
pub(crate) mod section;
pub(crate) mod table;
mod transition;

use crate::doctree::NodeId;
use crate::lines::Lines;
use crate::parser::{Body, Parser};

/// What the first line of a block says that it is. Numbers are the bytes of the marker with its space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Bullet(usize),
    Enumerator(usize),
    Field(usize),
    Option(usize),
    Doctest,
    LineBlock(usize),
    GridTable,
    SimpleTable,
    Explicit(usize),
    Anonymous(usize),
    /// A line of one repeated punctuation character: a transition or the overline of a title.
    Rule,
    Text,
}

/// Recognises the first line of a block; it is not blank and not indented.
pub(crate) fn recognize(line: &str) -> Start {
    let bytes = line.as_bytes();
    let Some(&first) = bytes.first() else { return Start::Text };
    if first.is_ascii_alphanumeric() {
        return enumerated_list::marker(line).map_or(Start::Text, Start::Enumerator);
    }
    match first {
        b'-' | b'+' | b'*' | 0xe2 => {
            if let Some(end) = bullet_list::marker(line) {
                return Start::Bullet(end);
            }
        }
        b'(' | b'#' => {
            if let Some(end) = enumerated_list::marker(line) {
                return Start::Enumerator(end);
            }
        }
        b':' => {
            if let Some(end) = field_list::marker(line) {
                return Start::Field(end);
            }
        }
        b'>' if doctest_block::marker(line) => return Start::Doctest,
        b'|' => {
            if let Some(end) = marker_end(line, 1) {
                return Start::LineBlock(end);
            }
        }
        b'=' if table::simple::is_top(line) => return Start::SimpleTable,
        b'.' if bytes.starts_with(b"..") => {
            if let Some(end) = marker_end(line, 2) {
                return Start::Explicit(end);
            }
        }
        b'_' if bytes.starts_with(b"__") => {
            if let Some(end) = marker_end(line, 2) {
                return Start::Anonymous(end);
            }
        }
        _ => {}
    }
    if matches!(first, b'-' | b'+' | b'/')
        && let Some(end) = option_list::marker(line)
    {
        return Start::Option(end);
    }
    match first {
        b'+' if table::grid::is_border(line) => Start::GridTable,
        _ if is_rule(line) => Start::Rule,
        _ => Start::Text,
    }
}

/// The end of the space after a marker of `length` bytes; none when text follows at once.
pub(crate) fn marker_end(line: &str, length: usize) -> Option<usize> {
    let rest = line.get(length..)?;
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    (spaces > 0 || rest.is_empty()).then_some(length + spaces)
}

/// True for a line of one repeated ASCII punctuation character.
pub(crate) fn is_rule(line: &str) -> bool {
    let line = line.trim_end_matches(' ').as_bytes();
    line.first().is_some_and(|first| first.is_ascii_punctuation() && line.iter().all(|b| b == first))
}

impl<'a> Parser<'a> {
    /// Parses blocks up to the end of the lines; returns the element that was filled last (a section, perhaps).
    pub fn parse_body(&mut self, lines: &mut Lines<'a>, mut body: Body) -> NodeId {
        while let Some(line) = lines.current() {
            if line.is_blank() {
                lines.at += 1;
                continue;
            }
            self.node = body.node;
            self.stand_at(lines, lines.at);
            if line.text.starts_with(' ') {
                self.block_quote(lines, body.node);
                continue;
            }
            let at = lines.at;
            self.parse_block(recognize(line.text), lines, &mut body);
            if lines.at == at {
                self.parse_text(lines, &mut body);
            }
            lines.at = lines.at.max(at + usize::from(lines.at == at));
        }
        body.node
    }

    /// Parses one block; leaves the lines as they are when it turns out to be ordinary text.
    fn parse_block(&mut self, start: Start, lines: &mut Lines<'a>, body: &mut Body) {
        match start {
            Start::Bullet(end) => self.bullet_list(lines, body.node, end),
            Start::Enumerator(end) => self.enumerated_list(lines, body.node, end),
            Start::Field(end) => self.field_list(lines, body.node, end),
            Start::Option(end) => self.option_list(lines, body.node, end),
            Start::Doctest => self.doctest_block(lines, body.node),
            Start::LineBlock(end) => self.line_block(lines, body.node, end),
            Start::GridTable => self.grid_table(lines, body.node),
            Start::SimpleTable => self.simple_table(lines, body.node),
            Start::Explicit(_) | Start::Anonymous(_) => self.explicit_markup(lines, body),
            Start::Rule => self.rule(lines, body),
            Start::Text => {}
        }
    }

    /// A list goes on while its next line is a marker of its kind; blank lines between items are skipped.
    /// `item` parses one item and says whether it ended properly, or returns none when the list has ended.
    pub fn more_items(
        &mut self,
        lines: &mut Lines<'a>,
        list: NodeId,
        mut blank_finish: bool,
        mut item: impl FnMut(&mut Self, &mut Lines<'a>, Start) -> Option<bool>,
    ) -> bool {
        self.inside += 1;
        let around = std::mem::replace(&mut self.node, list);
        loop {
            while lines.current().is_some_and(|line| line.is_blank()) {
                lines.at += 1;
            }
            let Some(line) = lines.current() else { break };
            let found = match line.text.starts_with(' ') {
                true => None,
                false => {
                    self.stand_at(lines, lines.at);
                    item(self, lines, recognize(line.text))
                }
            };
            match found {
                Some(finish) => blank_finish = finish,
                None => break,
            }
        }
        self.inside -= 1;
        self.node = around;
        blank_finish
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_tell_the_block() {
        for (line, start) in [
            ("- a", Start::Bullet(2)),
            ("-", Start::Bullet(1)),
            ("• a", Start::Bullet(4)),
            ("-a", Start::Option(2)),
            ("-a b c", Start::Text),
            ("--all  every", Start::Option(7)),
            ("/V  x", Start::Option(4)),
            ("1. a", Start::Enumerator(3)),
            ("(a) a", Start::Enumerator(4)),
            ("#) a", Start::Enumerator(3)),
            ("(1 a", Start::Text),
            (":a: b", Start::Field(4)),
            (":a:b", Start::Text),
            (">>> a", Start::Doctest),
            (">>>a", Start::Text),
            ("| a", Start::LineBlock(2)),
            ("|a|", Start::Text),
            ("+--+--+", Start::GridTable),
            ("=== ==", Start::SimpleTable),
            ("======", Start::Rule),
            (".. a", Start::Explicit(3)),
            ("..a", Start::Text),
            ("...", Start::Rule),
            ("__ a", Start::Anonymous(3)),
            ("word", Start::Text),
        ] {
            assert_eq!(recognize(line), start, "{line}");
        }
    }
}
