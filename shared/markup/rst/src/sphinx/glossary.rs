//! Glossaries (Sphinx documentation, directive `glossary`).

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::names::{make_id, normalize};
use crate::doctree::{Kind, NodeId};
use crate::lines::{Cut, Line, Lines};
use crate::parser::Parser;

pub(super) static GLOSSARY: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[("sorted", OptionKind::Flag), ("name", OptionKind::Text), ("class", OptionKind::Class)],
    content: true,
    restricted: true,
    run: glossary,
};

fn glossary<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let node = parser.create_at(Kind::Glossary, call.place);
    parser.add_classes(call, node);
    parser.add_name(call, node);
    let list = parser.doc.add(node, Kind::DefinitionList);
    parser.doc.push(list, "classes", "glossary");
    let mut lines = Lines::new(std::mem::take(&mut call.content), call.content_place);
    let mut items = Vec::new();
    while let Some(line) = lines.current() {
        if line.is_blank() || line.text.starts_with(".. ") {
            lines.at += 1;
            continue;
        }
        items.push(entry(parser, &mut lines));
    }
    if call.has("sorted") {
        items.sort_by_key(|&item| parser.doc.first_child(item).map(|term| parser.doc.text_of(term).to_lowercase()));
    }
    parser.append_all(list, items);
    Ok(vec![node])
}

/// Terms on lines of their own, and the indented definition below them.
fn entry<'a>(parser: &mut Parser<'a>, lines: &mut Lines<'a>) -> NodeId {
    let item = parser.create_at(Kind::DefinitionListItem, lines.here());
    let mut messages = Vec::new();
    while let Some(line) = lines.current().filter(|line| !line.is_blank() && !line.text.starts_with(' ')) {
        messages.extend(term(parser, line, item));
        lines.at += 1;
    }
    let taken = lines.take(Cut::default());
    let definition = parser.create_at(Kind::Definition, taken.place);
    parser.doc.append(item, definition);
    parser.append_all(definition, messages);
    if !taken.lines.is_empty() {
        parser.nested(taken.lines, taken.place, definition);
    }
    item
}

fn term<'a>(parser: &mut Parser<'a>, line: Line<'a>, item: NodeId) -> Vec<NodeId> {
    let before = parser.doc.last_child(item);
    let messages = parser.term(line.text, line.place, item);
    let term = before.map_or_else(|| parser.doc.first_child(item), |last| parser.doc.next_sibling(last));
    if let Some(term) = term {
        let text = parser.doc.text_of(term);
        parser.doc.push(term, "ids", format!("term-{}", make_id(&text)));
        parser.doc.set(term, "fullname", normalize(&text));
        parser.doc.set_id(term, None);
    }
    messages
}
