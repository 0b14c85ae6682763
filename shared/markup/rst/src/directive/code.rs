//! Blocks of code ("reStructuredText Directives", section "Code").

use super::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::{Document, Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static CODE: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: false,
    options: &[("class", OptionKind::Class), ("name", OptionKind::Text), ("number-lines", OptionKind::LineNumbers)],
    content: true,
    restricted: true,
    run: code,
};

fn code<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let text = lines::join(&call.content);
    let language = call.arguments.first().cloned().unwrap_or_default();
    let lines = call.content.len();
    Ok(vec![literal_code(parser, call, &text, &language, lines)])
}

/// A literal block of code: classes `code` and the language, line numbers when asked for.
pub(super) fn literal_code<'a>(
    parser: &mut Parser<'a>,
    call: &Call<'a, '_>,
    text: &str,
    language: &str,
    lines: usize,
) -> NodeId {
    let block = parser.doc.create(Kind::LiteralBlock);
    parser.doc.set(block, "xml:space", "preserve");
    parser.doc.push(block, "classes", "code");
    if !language.is_empty() {
        parser.doc.push(block, "classes", language);
    }
    parser.add_classes(call, block);
    parser.add_name(call, block);
    match call.option("number-lines") {
        Some(value) => {
            let first = if let Value::Int(first) = value { *first } else { 1 };
            number_lines(&mut parser.doc, block, text, first, lines);
        }
        None => drop(parser.doc.add_text(block, text)),
    }
    parser.doc.set_place(block, call.place.source, call.place.line);
    block
}

/// Adds a text to a block with the number of each line before it.
pub(super) fn number_lines(doc: &mut Document, block: NodeId, text: &str, first: i64, lines: usize) {
    let end = first.saturating_add(i64::try_from(lines).unwrap_or(0));
    let width = end.to_string().len();
    let mut rest = Some(text);
    let mut number = first;
    while let Some(text) = rest {
        let label = doc.add_with_text(block, Kind::Inline, &format!("{number:width$} "));
        doc.push(label, "classes", "ln");
        let (line, after) = match text.find('\n') {
            Some(at) => (&text[..=at], Some(&text[at + 1..])),
            None => (text, None),
        };
        if !line.is_empty() {
            doc.add_text(block, line);
        }
        number = number.saturating_add(1);
        rest = after;
    }
}
