//! Tables from lists ("reStructuredText Directives", section "List Table").

use super::table::{ALIGN, TABLE, check_dimensions, column_widths, finish, instead, title, widths_class};
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

pub(super) static LIST_TABLE: Spec = Spec {
    options: &[
        ("header-rows", OptionKind::NonNegative),
        ("stub-columns", OptionKind::NonNegative),
        ("width", OptionKind::LengthOrPercent),
        ("widths", OptionKind::NumbersOr(&["auto"])),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
        ("align", ALIGN),
    ],
    run: list_table,
    ..TABLE
};

fn list_table<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if call.content.is_empty() {
        let text = format!("The \"{}\" directive is empty; content required.", call.name);
        return Ok(instead(parser, call, Level::Error, &text));
    }
    let (title, messages) = title(parser, call);
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    let heads = usize::try_from(call.number("header-rows").unwrap_or(0)).unwrap_or(0);
    let stubs = usize::try_from(call.number("stub-columns").unwrap_or(0)).unwrap_or(0);
    let read = rows(parser, call, scratch).and_then(|rows| {
        let columns = rows.first().map_or(0, Vec::len);
        let widths = column_widths(call, columns)?;
        let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
        check_dimensions(call, &lengths, heads, stubs)?;
        Ok((rows, widths))
    });
    let (rows, widths) = match read {
        Ok(read) => read,
        Err(text) => return Ok(instead(parser, call, Level::Error, &text)),
    };
    let table = parser.create_at(Kind::Table, call.place);
    widths_class(parser, call, table);
    let group = parser.doc.add(table, Kind::Tgroup);
    parser.doc.set(group, "cols", i64::try_from(widths.len()).unwrap_or(0));
    for (i, width) in widths.into_iter().enumerate() {
        let column = parser.doc.add(group, Kind::Colspec);
        parser.doc.set(column, "colwidth", width);
        if i < stubs {
            parser.doc.set(column, "stub", 1);
        }
    }
    let head = (heads > 0).then(|| parser.doc.add(group, Kind::Thead));
    let body = parser.doc.add(group, Kind::Tbody);
    for (i, cells) in rows.into_iter().enumerate() {
        let part = head.filter(|_| i < heads).unwrap_or(body);
        let row = parser.doc.add(part, Kind::Row);
        for cell in cells {
            let entry = parser.doc.add(row, Kind::Entry);
            parser.doc.move_children(cell, entry);
        }
    }
    Ok(finish(parser, call, table, title, messages))
}

/// The list items that are the cells, row by row.
fn rows(parser: &Parser<'_>, call: &Call<'_, '_>, content: NodeId) -> Result<Vec<Vec<NodeId>>, String> {
    let doc = &parser.doc;
    let start = format!("Error parsing content block for the \"{}\" directive: ", call.name);
    let only_list = |node| {
        let mut children = doc.children(node);
        children.next().filter(|&n| doc.kind(n) == Kind::BulletList && children.next().is_none())
    };
    let list = only_list(content).ok_or_else(|| format!("{start}exactly one bullet list expected."))?;
    let mut rows: Vec<Vec<NodeId>> = Vec::new();
    for (i, item) in doc.children(list).enumerate() {
        let inner = only_list(item).ok_or_else(|| {
            format!(
                "{start}two-level bullet list expected, but row {} does not contain a second-level bullet list.",
                i + 1
            )
        })?;
        let cells: Vec<NodeId> = doc.children(inner).collect();
        if let Some(first) = rows.first().filter(|first| first.len() != cells.len()) {
            return Err(format!(
                "{start}uniform two-level bullet list expected, but row {} does not contain the same number of items as row 1 ({} vs {}).",
                i + 1,
                cells.len(),
                first.len()
            ));
        }
        rows.push(cells);
    }
    Ok(rows)
}
