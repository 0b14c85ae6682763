//! Tables from comma-separated values ("reStructuredText Directives", section "CSV Table").

use super::table::{ALIGN, TABLE, check_dimensions, column_widths, finish, instead, title, widths_class};
use super::{Call, Fault, OptionKind, Spec};
use crate::block::table::{Cell, Grid};
use crate::doctree::{Level, NodeId};
use crate::lines::{Line, Place};
use crate::options::Profile;
use crate::parser::Parser;

pub(super) static CSV_TABLE: Spec = Spec {
    options: &[
        ("header-rows", OptionKind::NonNegative),
        ("stub-columns", OptionKind::NonNegative),
        ("header", OptionKind::Text),
        ("width", OptionKind::LengthOrPercent),
        ("widths", OptionKind::NumbersOr(&["auto"])),
        ("file", OptionKind::Path),
        ("url", OptionKind::Uri),
        ("encoding", OptionKind::Encoding),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
        ("align", ALIGN),
        ("delim", OptionKind::CharOrSpace),
        ("keepspace", OptionKind::Flag),
        ("quote", OptionKind::Char),
        ("escape", OptionKind::Char),
    ],
    run: csv_table,
    ..TABLE
};

/// A message instead of the table.
type Refusal = (Level, String);

fn csv_table<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let external = call.has("file") || call.has("url");
    if external && parser.options.profile == Profile::Restricted {
        let text = format!("File and URL access deactivated; ignoring \"{}\" directive.", call.name);
        return Ok(instead(parser, call, Level::Warning, &text));
    }
    let (title, messages) = title(parser, call);
    let stubs = usize::try_from(call.number("stub-columns").unwrap_or(0)).unwrap_or(0);
    let grid = match read_grid(parser, call, stubs) {
        Ok(grid) => grid,
        Err((level, text)) => return Ok(instead(parser, call, level, &text)),
    };
    let table = parser.build_table(grid, call.place, stubs);
    widths_class(parser, call, table);
    Ok(finish(parser, call, table, title, messages))
}

fn read_grid<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, stubs: usize) -> Result<Grid<'a>, Refusal> {
    let data = csv_data(parser, call)?;
    let dialect = Csv::of(call);
    let error = |text: String| (Level::Error, text);
    let broken = |fault: String| error(format!("Error with CSV data in \"{}\" directive:\n{fault}", call.name));
    let mut head = match call.text("header") {
        Some(header) => dialect.rows(header.split('\n')).map_err(broken)?,
        None => Vec::new(),
    };
    let mut rows = dialect.rows(data.iter().map(|line| line.text)).map_err(broken)?;
    let heads = usize::try_from(call.number("header-rows").unwrap_or(0)).unwrap_or(0);
    let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
    check_dimensions(call, &lengths, heads, stubs).map_err(error)?;
    let body = rows.split_off(heads);
    head.extend(rows);
    let columns = head.iter().chain(&body).map(Vec::len).max().unwrap_or(0);
    let widths = column_widths(call, columns).map_err(error)?;
    // docutils counts the lines of cells from one above the data.
    let place = data.first().map_or(call.content_place, |line| line.place).down(-1);
    let cells = |rows: Vec<Vec<String>>| -> Vec<Vec<Cell<'a>>> {
        let row = |mut row: Vec<String>| {
            row.resize(columns, String::new());
            row.iter().map(|text| cell(parser, text, place)).collect()
        };
        rows.into_iter().map(row).collect()
    };
    Ok(Grid { widths, head: cells(head), body: cells(body) })
}

fn cell<'a>(parser: &Parser<'a>, text: &str, place: Place) -> Cell<'a> {
    let text: &'a str = parser.arena.alloc_str(&text.replace("\0 ", "").replace('\0', ""));
    let lines =
        text.lines().enumerate().map(|(i, text)| Line { text, place: place.down(i32::try_from(i).unwrap_or(0)) });
    Cell { lines: lines.collect(), place, ..Cell::default() }
}

/// The lines of data: the content, or those of a file.
fn csv_data<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>) -> Result<Vec<Line<'a>>, Refusal> {
    let name = &call.name;
    match (call.text("file"), call.text("url")) {
        (None, None) if call.content.is_empty() => {
            Err((Level::Warning, format!("The \"{name}\" directive requires content; none supplied.")))
        }
        (None, None) => Ok(call.content.clone()),
        _ if !call.content.is_empty() => {
            let text = format!("\"{name}\" directive may not both specify an external file and have content.");
            Err((Level::Error, text))
        }
        (Some(_), Some(_)) => {
            let text = format!(
                "The \"file\" and \"url\" options may not be simultaneously specified for the \"{name}\" directive."
            );
            Err((Level::Error, text))
        }
        (None, Some(url)) => {
            let fault = match url.contains(':') {
                true => "Nothing is fetched from the network.".to_owned(),
                false => format!("unknown url type: {}.", crate::pseudo_xml::repr(url)),
            };
            let text = format!("Problems with \"{name}\" directive URL \"{url}\":\n{fault}");
            Err((Level::Severe, text))
        }
        (Some(path), None) => {
            let file = parser.read_file(call, path).map_err(|fault| (Level::Severe, fault.text))?;
            let source = parser.doc.source_number(&file.path);
            let text: &'a str = parser.arena.alloc_str(&file.text);
            let place = Place { source, column: 0, line: 1 };
            Ok(text.lines().map(|text| Line { text, place }).collect())
        }
    }
}

/// How values are written.
struct Csv {
    delimiter: char,
    quote: char,
    escape: Option<char>,
    keep_space: bool,
}

impl Csv {
    fn of(call: &Call<'_, '_>) -> Csv {
        let char = |name| call.text(name).and_then(|text| text.chars().next());
        Csv {
            delimiter: char("delim").unwrap_or(','),
            quote: char("quote").unwrap_or('"'),
            escape: char("escape"),
            keep_space: call.has("keepspace"),
        }
    }

    /// Rows of values; a quoted value may go on over lines.
    fn rows<'t>(&self, lines: impl Iterator<Item = &'t str>) -> Result<Vec<Vec<String>>, String> {
        let mut rows = Vec::new();
        let mut row: Vec<String> = Vec::new();
        let mut value = String::new();
        let mut open = false;
        for line in lines {
            let mut chars = line.chars().peekable();
            if !open && line.is_empty() {
                rows.push(Vec::new());
                continue;
            }
            let mut start = !open;
            let mut closed = false;
            while let Some(c) = chars.next() {
                if start && c == ' ' && !self.keep_space && c != self.delimiter {
                    continue;
                }
                if Some(c) == self.escape {
                    value.push(chars.next().unwrap_or('\n'));
                    start = false;
                } else if open && c == self.quote {
                    match (self.escape, chars.peek()) {
                        (None, Some(next)) if *next == self.quote => value.extend(chars.next()),
                        _ => (open, closed) = (false, true),
                    }
                } else if open {
                    value.push(c);
                } else if c == self.delimiter {
                    row.push(std::mem::take(&mut value));
                    (start, closed) = (true, false);
                } else if start && c == self.quote {
                    (open, start) = (true, false);
                } else if closed {
                    return Err(format!("'{}' expected after '{}'", self.delimiter, self.quote));
                } else {
                    value.push(c);
                    start = false;
                }
            }
            if open {
                value.push('\n');
                continue;
            }
            row.push(std::mem::take(&mut value));
            rows.push(std::mem::take(&mut row));
        }
        if open { Err("unexpected end of data".to_owned()) } else { Ok(rows) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart() {
        let csv = Csv { delimiter: ',', quote: '"', escape: None, keep_space: false };
        let rows = |text: &str| csv.rows(text.split('\n'));
        assert_eq!(
            rows("a, \"b, \"\"c\"\"\",d").as_deref(),
            Ok(&[vec!["a".into(), "b, \"c\"".into(), "d".into()]][..])
        );
        assert_eq!(rows("\"a\nb\",c").as_deref(), Ok(&[vec!["a\nb".into(), "c".into()]][..]));
        assert_eq!(rows("\"a\" b"), Err("',' expected after '\"'".into()));
        assert_eq!(rows("\"a"), Err("unexpected end of data".into()));
    }
}
