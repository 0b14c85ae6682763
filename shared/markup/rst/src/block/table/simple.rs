//! Simple tables (reStructuredText specification, "Simple Tables").

use super::{Cell, Fault, Grid, cut_columns, pad, strip_indent};
use crate::doctree::{Level, NodeId};
use crate::lines::{Line, Lines};
use crate::parser::Parser;
use crate::width::is_combining;

/// True for the top border: two columns at least.
pub(crate) fn is_top(line: &str) -> bool {
    is_border(line) && line.trim_end().contains(' ')
}

fn is_border(line: &str) -> bool {
    line.starts_with('=') && line.bytes().all(|b| matches!(b, b'=' | b' '))
}

fn is_span_rule(line: &str) -> bool {
    line.starts_with('-') && line.bytes().all(|b| matches!(b, b'-' | b' '))
}

impl<'a> Parser<'a> {
    pub(in crate::block) fn simple_table(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        let start = lines.at;
        let (end, finish, fault) = find_end(lines);
        lines.at = end;
        self.stand_at(lines, end - 1);
        let block = lines.all[start..end].to_vec();
        let read = match fault {
            Some(fault) => Err(fault),
            None => Table::read(&block, self.arena),
        };
        let node = match read {
            Ok(grid) => self.build_table(grid, block[0].place, 0),
            Err((detail, offset)) => self.malformed_table(&block, &detail, offset),
        };
        self.doc.append(parent, node);
        if !finish {
            let message = self.report(Level::Warning, "Blank line required after table.", lines.below());
            self.doc.append(parent, message);
        }
    }
}

/// The line after the table, whether a blank line follows, and what is wrong with its borders.
fn find_end(lines: &Lines<'_>) -> (usize, bool, Option<Fault>) {
    let start = lines.at;
    let limit = lines.all.len() - 1;
    let width = lines.get(start).map_or(0, |line| line.trim().len());
    let blank_after = |i: usize| lines.all.get(i + 1).is_none_or(Line::is_blank);
    let mut found = 0;
    let mut found_at = None;
    for i in start + 1..=limit {
        let line = lines.get(i).unwrap_or("");
        if !is_border(line) {
            continue;
        }
        if line.trim().len() != width {
            let detail = "Bottom border or header rule does not match top border.".to_owned();
            return (i + 1, blank_after(i), Some((detail, i - start)));
        }
        found += 1;
        found_at = Some(i);
        if found == 2 || blank_after(i) {
            return (i + 1, blank_after(i), None);
        }
    }
    match found_at {
        Some(at) => {
            let detail = "No bottom table border found or no blank line after table bottom.".to_owned();
            (at + 1, false, Some((detail, 0)))
        }
        None => (limit + 1, true, Some(("No bottom table border found.".to_owned(), 0))),
    }
}

/// A simple table being read. Columns are given by their first and last position.
struct Table<'a, 'b> {
    block: &'b [Line<'a>],
    padded: Vec<Vec<char>>,
    columns: Vec<(usize, usize)>,
    border_end: usize,
    rows: Vec<(usize, Vec<Cell<'a>>)>,
    arena: &'a bumpalo::Bump,
}

impl<'a> Table<'a, '_> {
    fn read(block: &[Line<'a>], arena: &'a bumpalo::Bump) -> Result<Grid<'a>, Fault> {
        let last = block.len() - 1;
        let heads: Vec<usize> = (1..last).filter(|&i| is_border(block[i].text)).collect();
        if let [first, second, ..] = heads[..] {
            let (a, b) = (first + 1, second + 1);
            let detail = format!("Multiple head/body row separators (table lines {a} and {b}); only one allowed.");
            return Err((detail, second));
        }
        let padded = block.iter().map(|line| if line.text.is_ascii() { Vec::new() } else { pad(line.text) }).collect();
        let mut table = Table { block, padded, columns: Vec::new(), border_end: 0, rows: Vec::new(), arena };
        table.columns = table.columns_of(0)?;
        table.border_end = table.columns.last().map_or(0, |column| column.1);
        table.read_rows(heads.first().copied())?;
        let split =
            heads.first().map_or(0, |&head| table.rows.iter().position(|(offset, _)| *offset > head).unwrap_or(0));
        let widths = table.columns.iter().map(|(start, end)| i64::try_from(end - start).unwrap_or(0)).collect();
        let mut rows = table.rows.into_iter().map(|(_, row)| row);
        let head = rows.by_ref().take(split).collect();
        Ok(Grid { widths, head, body: rows.collect() })
    }

    fn read_rows(&mut self, head: Option<usize>) -> Result<(), Fault> {
        let (first_start, first_end) = self.columns[0];
        let last = self.block.len() - 1;
        let (mut start, mut text_found) = (1, false);
        for offset in 1..self.block.len() {
            let line = self.block[offset].text;
            if is_span_rule(line) || offset == last || Some(offset) == head {
                self.read_row(start, offset, Some(offset))?;
                (start, text_found) = (offset + 1, false);
            } else if !self.cut(offset, first_start, first_end).trim().is_empty() {
                if text_found && offset != start {
                    self.read_row(start, offset, None)?;
                }
                (start, text_found) = (offset, true);
            } else if !text_found {
                start = offset + 1;
            }
        }
        Ok(())
    }

    /// The columns that a rule draws.
    fn columns_of(&self, offset: usize) -> Result<Vec<(usize, usize)>, Fault> {
        let line = self.block[offset].text.trim_end();
        let mut columns = Vec::new();
        let mut end = 0;
        while let Some(begin) = line[end..].find(['-', '=']).map(|at| at + end) {
            end = line[begin..].find(' ').map_or(line.len(), |at| at + begin);
            columns.push((begin, end));
        }
        if let (Some(last), Some(own)) = (columns.last_mut(), self.columns.last()) {
            if last.1 != self.border_end {
                return Err((format!("Column span incomplete in table line {}.", offset + 1), offset));
            }
            last.1 = own.1;
        }
        Ok(columns)
    }

    fn read_row(&mut self, start: usize, end: usize, rule: Option<usize>) -> Result<(), Fault> {
        if start >= end && rule.is_none() {
            return Ok(());
        }
        let start = start.min(end);
        let mut columns = match rule {
            Some(rule) => self.columns_of(rule)?,
            None => self.columns.clone(),
        };
        self.check_margins(start, end, &mut columns)?;
        let place = self.block.get(start).map_or(self.block[0].place, |line| line.place);
        let mut cells = Vec::with_capacity(columns.len());
        let mut i = 0;
        for &(left, right) in &columns {
            let fault = || (format!("Column span alignment problem in table line {}.", start + 2), start + 1);
            let first = self.columns.get(i).filter(|column| column.0 == left).ok_or_else(fault)?;
            let mut more_columns = 0;
            let mut column_end = first.1;
            while column_end != right {
                i += 1;
                more_columns += 1;
                column_end = self.columns.get(i).ok_or_else(fault)?.1;
            }
            i += 1;
            let mut lines: Vec<Line<'a>> =
                (start..end).map(|y| Line { text: self.cut(y, left, right), ..self.block[y] }).collect();
            strip_indent(&mut lines);
            cells.push(Cell { more_rows: 0, more_columns, lines, place });
        }
        self.rows.push((start, cells));
        Ok(())
    }

    /// Text between columns is a fault; text beyond the last column widens it.
    fn check_margins(&mut self, start: usize, end: usize, columns: &mut [(usize, usize)]) -> Result<(), Fault> {
        let last = columns.len() - 1;
        for i in 0..columns.len() {
            let (left, right) = columns[i];
            let next = columns.get(i + 1).map_or(usize::MAX, |column| column.0);
            for y in start..end {
                if self.is_margin(y, right, next) {
                    continue;
                }
                if i < last {
                    return Err((format!("Text in column margin in table line {}.", y + 1), y));
                }
                let new_end = left + self.width(y, left);
                let own = self.columns.last_mut().ok_or((String::new(), y))?;
                columns[i].1 = new_end.max(own.1);
                own.1 = own.1.max(new_end);
            }
        }
        Ok(())
    }

    /// True when nothing but space stands between two columns; the second half of a wide character counts as text.
    fn is_margin(&self, line: usize, left: usize, right: usize) -> bool {
        match self.block[line].text.is_ascii() {
            true => self.cut(line, left, right).trim().is_empty(),
            false => {
                let shown = self.padded[line].iter().filter(|c| !is_combining(**c));
                shown.skip(left).take(right.saturating_sub(left)).all(|c| c.is_whitespace())
            }
        }
    }

    fn width(&self, line: usize, from: usize) -> usize {
        match self.block[line].text.is_ascii() {
            true => self.block[line].text.trim_end().len().saturating_sub(from),
            false => self.padded[line].iter().filter(|c| !is_combining(**c)).count().saturating_sub(from),
        }
    }

    fn cut(&self, line: usize, left: usize, right: usize) -> &'a str {
        cut_columns(self.block[line].text, &self.padded[line], left, right, self.arena)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_of_one_column_is_no_table() {
        for (line, is) in [("== ==", true), ("==   =", true), ("====", false), ("== x", false)] {
            assert_eq!(is_top(line), is, "{line}");
        }
    }
}
