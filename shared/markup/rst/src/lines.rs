//! Lines of source and the blocks cut from them (reStructuredText specification, "Whitespace").

use bumpalo::Bump;
use memchr::{memchr, memchr3};

use crate::options::Limits;

/// A place in a source: its number in the document, the line counted from 1, and the characters cut before it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub source: u16,
    pub column: u16,
    pub line: u32,
}

impl Place {
    /// True when both stand in one line.
    pub fn same_line(self, other: Place) -> bool {
        (self.source, self.line) == (other.source, other.line)
    }

    /// The place some lines below (or, with a negative number, above).
    pub fn down(self, lines: i32) -> Place {
        Place { line: self.line.saturating_add_signed(lines), ..self }
    }
}

/// One line without its end, its tabs expanded, its trailing space cut.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Line<'a> {
    pub text: &'a str,
    pub place: Place,
}

impl Line<'_> {
    /// Cuts bytes from the start.
    fn cut(&mut self, bytes: usize) {
        self.text = self.text.get(bytes..).unwrap_or("");
        self.place.column = self.place.column.saturating_add(u16::try_from(bytes).unwrap_or(u16::MAX));
    }

    pub fn is_blank(&self) -> bool {
        match self.text.as_bytes() {
            [] => true,
            [first, ..] if first.is_ascii_graphic() => false,
            _ => self.text.trim().is_empty(),
        }
    }
}

/// A block of lines and how far it was read: `at` is the next line to look at.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    pub all: Vec<Line<'a>>,
    pub at: usize,
    base: Place,
}

/// A block that was cut out.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    pub lines: Vec<Line<'a>>,
    /// A blank line or the end of the block follows.
    pub blank_finish: bool,
    /// Where the first line stands, or would stand.
    pub place: Place,
}

/// How an indented block is cut out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    /// Bytes to cut from the first line, when it holds a marker.
    pub first: Option<usize>,
    /// Columns that every other line must be indented by, when known.
    pub block: Option<usize>,
    pub until_blank: bool,
    pub keep_indent: bool,
    pub keep_top: bool,
}

impl<'a> Lines<'a> {
    /// A block that begins at `base`.
    pub fn new(all: Vec<Line<'a>>, base: Place) -> Self {
        let base = all.first().map_or(base, |line| line.place);
        Lines { all, at: 0, base }
    }

    pub fn current(&self) -> Option<Line<'a>> {
        self.all.get(self.at).copied()
    }

    pub fn get(&self, i: usize) -> Option<&'a str> {
        self.all.get(i).map(|line| line.text)
    }

    /// The place of a line; beyond the end, the line after the last.
    pub fn place(&self, i: usize) -> Place {
        match (self.all.get(i), self.all.last()) {
            (Some(line), _) => line.place,
            (None, Some(last)) => last.place.down(1),
            (None, None) => self.base,
        }
    }

    /// The place of the next line.
    pub fn here(&self) -> Place {
        self.place(self.at)
    }

    /// One below the place of the line read last.
    pub fn below(&self) -> Place {
        self.place(self.at.saturating_sub(1)).down(1)
    }

    /// True when the next line is blank or there is none.
    pub fn next_is_blank(&self) -> bool {
        self.all.get(self.at).is_none_or(Line::is_blank)
    }

    /// The end of the block of text that begins at `start`: the first blank line, or the first indented one.
    pub fn text_block_end(&self, start: usize) -> (usize, Option<Place>) {
        let mut end = start;
        while let Some(line) = self.all.get(end) {
            if line.text.is_empty() {
                break;
            }
            if line.text.starts_with(' ') {
                return (end, (!line.is_blank()).then_some(line.place));
            }
            end += 1;
        }
        (end, None)
    }

    /// Cuts out the indented block at the next line and reads past it.
    pub fn take(&mut self, cut: Cut) -> Taken<'a> {
        let start = self.at;
        let first = cut.first.or(cut.block);
        let mut indent = cut.block;
        let mut end = if first.is_some() { (start + 1).min(self.all.len()) } else { start };
        let mut blank_finish = true;
        while let Some(line) = self.all.get(end) {
            let width = line.text.bytes().take_while(|b| *b == b' ').count();
            let blank = line.is_blank();
            if !line.text.is_empty() && (width == 0 || (!blank && cut.block.is_some_and(|b| width < b))) {
                blank_finish = end > start && self.all[end - 1].is_blank();
                break;
            }
            if blank {
                if cut.until_blank {
                    break;
                }
            } else if cut.block.is_none() {
                indent = Some(indent.map_or(width, |i| i.min(width)));
            }
            end += 1;
        }
        let mut lines = self.all[start..end].to_vec();
        if let (Some(first), Some(line)) = (first, lines.first_mut()) {
            line.cut(first);
        }
        if let (Some(indent), false) = (indent, cut.keep_indent) {
            for line in lines.iter_mut().skip(usize::from(first.is_some())) {
                line.cut(indent);
            }
        }
        let mut place = self.place(start);
        self.at = end;
        if !cut.keep_top {
            let blank = lines.iter().take_while(|line| line.is_blank()).count();
            lines.drain(..blank);
            place = lines.first().map_or(place.down(i32::try_from(blank).unwrap_or(0)), |line| line.place);
        }
        Taken { lines, blank_finish, place }
    }
}

/// The texts of lines, joined by line feeds.
pub(crate) fn join(lines: &[Line<'_>]) -> String {
    let mut out = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(line.text);
    }
    out
}

/// Cuts blank lines from the end.
pub(crate) fn drop_blank_end(lines: &mut Vec<Line<'_>>) {
    while lines.last().is_some_and(Line::is_blank) {
        lines.pop();
    }
}

/// Splits a text into lines: tabs become spaces, trailing space goes, form feeds become spaces.
pub(crate) fn split<'a>(text: &'a str, source: u16, tab_width: usize, arena: &'a Bump) -> Vec<Line<'a>> {
    let text = match memchr(0, text.as_bytes()) {
        Some(_) => arena.alloc_str(&text.replace("\0 ", "").replace('\0', "")),
        None => text,
    };
    let mut lines = Vec::with_capacity(text.len() / 40 + 1);
    let tabs = memchr3(b'\t', 0x0b, 0x0c, text.as_bytes()).is_some();
    let mut rest = text;
    let mut number = 0;
    let mut push = |line: &'a str| {
        number += 1;
        let text = if tabs { clean(line, tab_width, arena) } else { trim_end(line) };
        lines.push(Line { text, place: Place { source, column: 0, line: number } });
    };
    if has_rare_breaks(text) {
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_break(*c)) {
            push(&rest[..at]);
            rest = &rest[at + c.len_utf8()..];
            if c == '\r' {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
        }
    } else {
        while let Some(at) = memchr(b'\n', rest.as_bytes()) {
            push(&rest[..at]);
            rest = &rest[at + 1..];
        }
    }
    if !rest.is_empty() {
        push(rest);
    }
    lines
}

/// True when a text has line ends other than line feeds.
fn has_rare_breaks(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr3(b'\r', 0x1c, 0x1d, bytes).is_some()
        || memchr(0x1e, bytes).is_some()
        || ["\u{85}", "\u{2028}", "\u{2029}"].iter().any(|sign| memchr::memmem::find(bytes, sign.as_bytes()).is_some())
}

/// A line without its trailing space; most lines have none.
fn trim_end(line: &str) -> &str {
    match line.as_bytes().last() {
        Some(b) if b.is_ascii_graphic() => line,
        _ => line.trim_end(),
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn clean<'a>(line: &'a str, tab_width: usize, arena: &'a Bump) -> &'a str {
    if !line.bytes().any(|b| matches!(b, b'\t' | 0x0b | 0x0c)) {
        return trim_end(line);
    }
    arena.alloc_str(&expand_tabs(line, tab_width)).trim_end()
}

/// Replaces tabs by spaces up to the next stop, and form feeds by one space.
pub(crate) fn expand_tabs(text: &str, tab_width: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = if tab_width == 0 { 0 } else { tab_width - column % tab_width };
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            '\x0b' | '\x0c' => {
                out.push(' ');
                column += 1;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

/// The number of the first line that is longer than the limit.
pub(crate) fn too_long(lines: &[Line<'_>], limits: &Limits) -> Option<usize> {
    let limit = limits.line_length;
    lines.iter().position(|line| line.text.len() > limit && line.text.chars().count() > limit).map(|i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<'a>(text: &'a str, arena: &'a Bump) -> Lines<'a> {
        Lines::new(split(text, 0, 8, arena), Place::default())
    }

    #[test]
    fn lines_are_clean() {
        let arena = Bump::new();
        let got: Vec<_> = split("a \r\nb\tc\n\n\x0cd\re\u{2028}f", 0, 8, &arena).iter().map(|l| l.text).collect();
        assert_eq!(got, ["a", "b       c", "", " d", "e", "f"]);
    }

    #[test]
    fn a_block_is_cut_at_its_least_indent() {
        let arena = Bump::new();
        let mut all = lines("- a\n    b\n   c\n\nd", &arena);
        let taken = all.take(Cut { first: Some(2), ..Cut::default() });
        assert_eq!(taken.lines.iter().map(|l| l.text).collect::<Vec<_>>(), ["a", " b", "c", ""]);
        assert!(taken.blank_finish);
        assert_eq!(all.here().line, 5);
    }
}
