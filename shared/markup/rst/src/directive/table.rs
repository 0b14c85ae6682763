//! Formal tables, and what the table directives share ("reStructuredText Directives", section "Table").

use super::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

pub(super) const ALIGN: OptionKind = OptionKind::Choice(&["left", "center", "right"]);

pub(super) static TABLE: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
        ("align", ALIGN),
        ("width", OptionKind::LengthOrPercent),
        ("widths", OptionKind::NumbersOr(&["auto", "grid"])),
    ],
    content: true,
    restricted: true,
    run: table,
};

/// The title of a table, when it has one, and messages about it.
pub(super) fn title<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>) -> (Option<NodeId>, Vec<NodeId>) {
    let Some(text) = call.arguments.first() else { return (None, Vec::new()) };
    let title = parser.create_at(Kind::Title, call.place);
    let messages = parser.inline(text, call.place, title);
    (Some(title), messages)
}

/// A message in place of the table, with the directive's source.
pub(super) fn instead<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, level: Level, text: &str) -> Vec<NodeId> {
    vec![parser.report_with(level, text, call.place, &call.source)]
}

/// The class that tells how widths were given.
pub(super) fn widths_class<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, table: NodeId) {
    match call.option("widths") {
        Some(Value::Text(text)) if text == "auto" => parser.doc.push(table, "classes", "colwidths-auto"),
        Some(_) => parser.doc.push(table, "classes", "colwidths-given"),
        None => {}
    }
}

/// The widths of so many columns: as given, or equal parts.
pub(super) fn column_widths(call: &Call<'_, '_>, columns: usize) -> Result<Vec<i64>, String> {
    match call.option("widths") {
        Some(Value::Numbers(widths)) if widths.len() != columns => {
            Err(format!("\"{}\" widths do not match the number of columns in table ({columns}).", call.name))
        }
        Some(Value::Numbers(widths)) => Ok(widths.clone()),
        _ if columns == 0 => Err("No table data detected in CSV file.".to_owned()),
        _ => Ok(vec![100 / i64::try_from(columns).unwrap_or(100); columns]),
    }
}

/// Checks that rows remain beside the head, and columns beside the stubs.
pub(super) fn check_dimensions(call: &Call<'_, '_>, rows: &[usize], heads: usize, stubs: usize) -> Result<(), String> {
    let (name, count) = (&call.name, rows.len());
    if count < heads {
        let text =
            format!("{heads} header row(s) specified but only {count} row(s) of data supplied (\"{name}\" directive).");
        return Err(text);
    }
    if count == heads && heads > 0 {
        return Err(format!(
            "Insufficient data supplied ({count} row(s)); no data remaining for table body, required by \"{name}\" directive."
        ));
    }
    for &columns in rows {
        if columns < stubs {
            return Err(format!(
                "{stubs} stub column(s) specified but only {columns} columns(s) of data supplied (\"{name}\" directive)."
            ));
        }
        if columns == stubs && stubs > 0 {
            return Err(format!(
                "Insufficient data supplied ({columns} columns(s)); no data remaining for table body, required by \"{name}\" directive."
            ));
        }
    }
    Ok(())
}

/// Sets what all table directives set, and puts the title first.
pub(super) fn finish<'a>(
    parser: &mut Parser<'a>,
    call: &Call<'a, '_>,
    table: NodeId,
    title: Option<NodeId>,
    messages: Vec<NodeId>,
) -> Vec<NodeId> {
    parser.add_classes(call, table);
    for key in ["align", "width"] {
        if let Some(text) = call.text(key) {
            parser.doc.set(table, key, text);
        }
    }
    parser.add_name(call, table);
    if let Some(title) = title {
        parser.doc.prepend(table, title);
    }
    parser.doc.set_place(table, call.place.source, call.place.line);
    std::iter::once(table).chain(messages).collect()
}

fn table<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if call.content.is_empty() {
        let text = format!("Content block expected for the \"{}\" directive; none found.", call.name);
        return Ok(instead(parser, call, Level::Warning, &text));
    }
    let (title, messages) = title(parser, call);
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    let mut children = parser.doc.children(scratch);
    let only = children.next().filter(|&n| parser.doc.kind(n) == Kind::Table && children.next().is_none());
    let Some(table) = only else {
        let text =
            format!("Error parsing content block for the \"{}\" directive: exactly one table expected.", call.name);
        return Ok(instead(parser, call, Level::Error, &text));
    };
    parser.doc.detach(table);
    if let (Some(Value::Numbers(_)), Some(group)) = (call.option("widths"), parser.doc.first_child(table)) {
        let columns: Vec<NodeId> =
            parser.doc.children(group).filter(|&n| parser.doc.kind(n) == Kind::Colspec).collect();
        match column_widths(call, columns.len()) {
            Err(text) => return Ok(instead(parser, call, Level::Error, &text)),
            Ok(widths) => {
                for (column, width) in columns.into_iter().zip(widths) {
                    parser.doc.set(column, "colwidth", width);
                }
            }
        }
    }
    let classes = call.classes("class");
    for class in classes {
        parser.doc.push(table, "classes", class);
    }
    widths_class(parser, call, table);
    call.options.retain(|(name, _)| name != "class");
    Ok(finish(parser, call, table, title, messages))
}
