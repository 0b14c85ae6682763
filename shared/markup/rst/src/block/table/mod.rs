//! Tables: what grid and simple tables share (reStructuredText specification, "Tables"; the CALS table model).

pub(crate) mod grid;
pub(crate) mod simple;

use bumpalo::Bump;

use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{self, Line, Place};
use crate::parser::Parser;
use crate::width::{is_combining, is_wide};

/// One cell: how many rows and columns more it spans, and its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell<'a> {
    pub more_rows: usize,
    pub more_columns: usize,
    pub lines: Vec<Line<'a>>,
    pub place: Place,
}

/// A table: widths of its columns, rows of its head, rows of its body.
#[derive(Debug, Default)]
pub(crate) struct Grid<'a> {
    pub widths: Vec<i64>,
    pub head: Vec<Vec<Cell<'a>>>,
    pub body: Vec<Vec<Cell<'a>>>,
}

/// What is wrong with a table, and in which of its lines.
pub(crate) type Fault = (String, usize);

/// Padding after wide characters, so that columns of the text are columns on the page.
const PAD: char = '\0';

/// Pads wide characters.
fn pad(text: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        out.push(c);
        if is_wide(c) {
            out.push(PAD);
        }
    }
    out
}

/// The characters between two columns, without padding and trailing space.
fn cut_columns<'a>(line: &'a str, padded: &[char], left: usize, right: usize, arena: &'a Bump) -> &'a str {
    if line.is_ascii() {
        return line.get(left..right.min(line.len())).unwrap_or("").trim_end();
    }
    let starts: Vec<usize> = (0..padded.len()).filter(|&i| !is_combining(padded[i])).collect();
    let from = starts.get(left).copied().unwrap_or(left).min(padded.len());
    let to = starts.get(right).copied().unwrap_or(padded.len()).max(from);
    let text: String = padded[from..to].iter().filter(|c| **c != PAD).collect();
    arena.alloc_str(text.trim_end())
}

/// Cuts the space that all lines begin with.
fn strip_indent(lines: &mut [Line<'_>]) {
    let width = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let Some(least) = lines.iter().filter(|line| !line.text.is_empty()).map(|line| width(line.text)).min() else {
        return;
    };
    for line in lines {
        line.text = line.text.get(least..).unwrap_or("");
    }
}

impl<'a> Parser<'a> {
    /// The message about a table that cannot be read, placed `offset` lines below its top.
    pub(super) fn malformed_table(&mut self, block: &[Line<'a>], detail: &str, offset: usize) -> NodeId {
        let text = match detail {
            "" => "Malformed table.".to_owned(),
            detail => format!("Malformed table.\n{detail}"),
        };
        let top = block.first().map_or(Place::default(), |line| line.place);
        let place = block.get(offset).map_or(top.down(i32::try_from(offset).unwrap_or(0)), |line| line.place);
        self.report_with(Level::Error, &text, place, &lines::join(block))
    }

    /// The table element of a table that was read.
    pub(crate) fn build_table(&mut self, grid: Grid<'a>, place: Place, mut stubs: usize) -> NodeId {
        let table = self.create_at(Kind::Table, place);
        let group = self.doc.add(table, Kind::Tgroup);
        self.doc.set(group, "cols", i64::try_from(grid.widths.len()).unwrap_or(0));
        for width in grid.widths {
            let column = self.doc.add(group, Kind::Colspec);
            self.doc.set(column, "colwidth", width);
            if stubs > 0 {
                self.doc.set(column, "stub", 1);
                stubs -= 1;
            }
        }
        if !grid.head.is_empty() {
            let head = self.doc.add(group, Kind::Thead);
            grid.head.into_iter().for_each(|row| self.build_row(row, head));
        }
        let body = self.doc.add(group, Kind::Tbody);
        grid.body.into_iter().for_each(|row| self.build_row(row, body));
        table
    }

    fn build_row(&mut self, cells: Vec<Cell<'a>>, part: NodeId) {
        let row = self.doc.add(part, Kind::Row);
        for cell in cells {
            let entry = self.doc.add(row, Kind::Entry);
            for (key, span) in [("morerows", cell.more_rows), ("morecols", cell.more_columns)] {
                if span > 0 {
                    self.doc.set(entry, key, i64::try_from(span).unwrap_or(0));
                }
            }
            if cell.lines.iter().any(|line| !line.text.is_empty()) {
                self.nested(cell.lines, cell.place, entry);
            }
        }
    }
}
