//! Grid tables (reStructuredText specification, "Grid Tables").

use std::collections::{BTreeSet, HashMap};

use super::{Cell, Fault, Grid, cut_columns, pad, strip_indent};
use crate::doctree::{Level, NodeId};
use crate::lines::{Line, Lines};
use crate::parser::Parser;
use crate::width::is_combining;

/// True for the top or bottom border of a grid table.
pub(crate) fn is_border(line: &str) -> bool {
    let line = line.trim_end_matches(' ');
    line.len() >= 4 && line.starts_with("+-") && line.ends_with("-+") && line.bytes().all(|b| matches!(b, b'+' | b'-'))
}

fn is_head_rule(line: &[char]) -> bool {
    line.len() >= 4
        && line.starts_with(&['+', '='])
        && line.ends_with(&['=', '+'])
        && line.iter().all(|c| matches!(c, '+' | '='))
}

/// The lines of a table, what is wrong with its edges, and whether a blank line follows.
struct Isolated<'a> {
    block: Vec<Line<'a>>,
    fault: Option<Fault>,
    blank_finish: bool,
}

impl<'a> Parser<'a> {
    pub(in crate::block) fn grid_table(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        let mut messages = Vec::new();
        let Isolated { block, fault, blank_finish } = self.isolate_grid_table(lines, &mut messages);
        match fault {
            Some((detail, offset)) => {
                let message = self.malformed_table(&block, &detail, offset);
                messages.push(message);
                self.stand_at(lines, lines.at.saturating_sub(1));
            }
            None => {
                self.stand_at(lines, lines.at.saturating_sub(1));
                let node = match Scan::new(&block).and_then(|scan| scan.table(&block, self.arena)) {
                    Ok(grid) => self.build_table(grid, block[0].place, 0),
                    Err((detail, offset)) => self.malformed_table(&block, &detail, offset),
                };
                self.doc.append(parent, node);
            }
        }
        self.append_all(parent, messages);
        if !blank_finish && lines.at < lines.all.len() {
            let message = self.report(Level::Warning, "Blank line required after table.", lines.below());
            self.doc.append(parent, message);
        }
    }

    /// Cuts out the lines of the table and checks their edges.
    fn isolate_grid_table(&mut self, lines: &mut Lines<'a>, messages: &mut Vec<NodeId>) -> Isolated<'a> {
        let start = lines.at;
        let (end, indented) = lines.text_block_end(start);
        let mut blank_finish = true;
        if let Some(place) = indented {
            messages.push(self.report(Level::Error, "Unexpected indentation.", place));
            blank_finish = false;
        }
        let mut block = lines.all[start..end].to_vec();
        for line in &mut block {
            line.text = line.text.trim();
        }
        let width = columns(block[0].text);
        let mut edge = block.len() - 1;
        if let Some(i) = block.iter().position(|line| !line.text.starts_with(['+', '|'])) {
            blank_finish = false;
            block.truncate(i);
            edge = i;
        }
        lines.at = start + block.len();
        if !block.last().is_some_and(|line| is_border(line.text)) {
            let bottom = (2..block.len().saturating_sub(1)).rev().find(|&i| is_border(block[i].text));
            let Some(bottom) = bottom else {
                let offset = if block.len() >= 4 { 2 } else { edge };
                let fault = Some(("Bottom border missing or corrupt.".to_owned(), offset));
                return Isolated { block, fault, blank_finish };
            };
            block.truncate(bottom + 1);
            lines.at = start + bottom + 1;
            blank_finish = false;
        }
        let crooked = block.iter().position(|line| columns(line.text) != width || !line.text.ends_with(['+', '|']));
        let fault = crooked.map(|i| ("Right border not aligned or missing.".to_owned(), i));
        Isolated { block, fault, blank_finish }
    }
}

fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { pad(text).iter().filter(|c| !is_combining(**c)).count() }
}

/// A cell that was traced, as rows and columns of its borders.
struct Traced {
    top: usize,
    left: usize,
    bottom: usize,
    right: usize,
}

/// The grid of characters, and the borders found in it.
struct Scan {
    /// Lines padded after wide characters; `text` with and `grid` without combining characters.
    text: Vec<Vec<char>>,
    grid: Vec<Vec<char>>,
    /// For every place, where the horizontal line through it begins.
    runs: Vec<Vec<usize>>,
    head: Option<usize>,
    rows: BTreeSet<usize>,
    columns: BTreeSet<usize>,
    cells: Vec<Traced>,
}

impl Scan {
    fn new(block: &[Line<'_>]) -> Result<Scan, Fault> {
        let text: Vec<Vec<char>> = block.iter().map(|line| pad(line.text)).collect();
        let mut grid: Vec<Vec<char>> =
            text.iter().map(|line| line.iter().copied().filter(|c| !is_combining(*c)).collect()).collect();
        let mut head = None;
        for (i, line) in grid.iter_mut().enumerate() {
            if !is_head_rule(line) {
                continue;
            }
            if let Some(first) = head {
                let (first, second) = (first + 1, i + 1);
                let detail =
                    format!("Multiple head/body row separators (table lines {first} and {second}); only one allowed.");
                return Err((detail, i));
            }
            head = Some(i);
            line.iter_mut().filter(|c| **c == '=').for_each(|c| *c = '-');
        }
        let last = grid.len() - 1;
        if head.is_some_and(|head| head == 0 || head == last) {
            let detail = "The head/body row separator may not be the first or last line of the table.";
            return Err((detail.to_owned(), last));
        }
        let runs = grid.iter().map(|line| line_starts(line)).collect();
        Ok(Scan { text, grid, runs, head, rows: BTreeSet::from([0]), columns: BTreeSet::from([0]), cells: Vec::new() })
    }

    /// Traces all cells from the top left corner on.
    fn trace(&mut self) -> Result<(), Fault> {
        let broken = || ("Malformed table; parse incomplete.".to_owned(), 0);
        let (bottom, right) = (self.grid.len() - 1, self.grid[0].len() - 1);
        let mut done = vec![0_usize; right];
        let mut corners = BTreeSet::from([(0, 0)]);
        while let Some((top, left)) = corners.pop_first() {
            if top == bottom || left == right || top < done[left] {
                continue;
            }
            let Some((b, r)) = self.trace_cell(top, left) else { return Err(broken()) };
            if done[left..r].iter().any(|&d| d != top) {
                return Err(broken());
            }
            done[left..r].fill(b);
            self.cells.push(Traced { top, left, bottom: b, right: r });
            corners.insert((top, r));
            corners.insert((b, left));
        }
        if done.iter().any(|&d| d != bottom) { Err(broken()) } else { Ok(()) }
    }

    /// The bottom and right border of the cell with this top left corner; notes the borders that end at its own.
    fn trace_cell(&mut self, top: usize, left: usize) -> Option<(usize, usize)> {
        if self.grid[top][left] != '+' {
            return None;
        }
        let right_end = self.grid[top].iter().skip(left + 1).take_while(|c| matches!(c, '-' | '+')).count() + left;
        let bottom_end = (top + 1..self.grid.len()).take_while(|&y| matches!(self.grid[y][left], '|' | '+')).last()?;
        for right in left + 1..=right_end {
            if self.grid[top][right] != '+' {
                continue;
            }
            for bottom in top + 1..=bottom_end {
                match self.grid[bottom][right] {
                    '+' if self.closes(left, bottom, right) => {
                        self.note_borders(top, left, bottom, right);
                        return Some((bottom, right));
                    }
                    '+' | '|' => {}
                    _ => break,
                }
            }
        }
        None
    }

    /// True when the bottom border runs back to the left one.
    fn closes(&self, left: usize, bottom: usize, right: usize) -> bool {
        self.grid[bottom][left] == '+' && self.runs[bottom][right] <= left
    }

    fn note_borders(&mut self, top: usize, left: usize, bottom: usize, right: usize) {
        for x in left + 1..=right {
            if self.grid[top][x] == '+' || self.grid[bottom][x] == '+' {
                self.columns.insert(x);
            }
        }
        for y in top + 1..=bottom {
            if self.grid[y][left] == '+' || self.grid[y][right] == '+' {
                self.rows.insert(y);
            }
        }
    }

    fn table<'a>(mut self, block: &[Line<'a>], arena: &'a bumpalo::Bump) -> Result<Grid<'a>, Fault> {
        self.trace()?;
        let rows: Vec<usize> = self.rows.iter().copied().collect();
        let columns: Vec<usize> = self.columns.iter().copied().collect();
        let row_at: HashMap<usize, usize> = rows.iter().enumerate().map(|(i, y)| (*y, i)).collect();
        let column_at: HashMap<usize, usize> = columns.iter().enumerate().map(|(i, x)| (*x, i)).collect();
        let mut table: Vec<Vec<(usize, Cell<'a>)>> = vec![Vec::new(); rows.len() - 1];
        for cell in &self.cells {
            let (row, column) = (row_at[&cell.top], column_at[&cell.left]);
            let cut = Cell {
                more_rows: row_at[&cell.bottom] - row - 1,
                more_columns: column_at[&cell.right] - column - 1,
                lines: self.cut(block, cell, arena),
                place: block[cell.top].place.down(1),
            };
            table[row].push((column, cut));
        }
        let mut table = table.into_iter().map(|mut row| {
            row.sort_by_key(|(column, _)| *column);
            row.into_iter().map(|(_, cell)| cell).collect()
        });
        let heads = self.head.and_then(|head| row_at.get(&head).copied()).unwrap_or(0);
        let head = table.by_ref().take(heads).collect();
        let widths = columns.windows(2).map(|w| i64::try_from(w[1] - w[0] - 1).unwrap_or(0)).collect();
        Ok(Grid { widths, head, body: table.collect() })
    }

    /// The text inside a cell.
    fn cut<'a>(&self, block: &[Line<'a>], cell: &Traced, arena: &'a bumpalo::Bump) -> Vec<Line<'a>> {
        let mut lines: Vec<Line<'a>> = (cell.top + 1..cell.bottom)
            .map(|y| Line {
                text: cut_columns(block[y].text, &self.text[y], cell.left + 1, cell.right, arena),
                ..block[y]
            })
            .collect();
        strip_indent(&mut lines);
        lines
    }
}

/// For every place of a line, where the run of border characters through it begins; beyond the place when it is none.
fn line_starts(line: &[char]) -> Vec<usize> {
    let mut start = 0;
    let place = |(i, c): (usize, &char)| {
        if !matches!(c, '-' | '+') {
            start = i + 1;
        }
        start
    };
    line.iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_recognised() {
        for (line, is) in [("+--+", true), ("+-+-+", true), ("+-+", false), ("+==+", false), ("+--", false)] {
            assert_eq!(is_border(line), is, "{line}");
        }
    }
}
