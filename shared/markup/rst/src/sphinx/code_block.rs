//! Code blocks with captions, line numbers and marked lines (Sphinx documentation, directive `code-block`).

use crate::directive::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static CODE_BLOCK: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: false,
    options: &[
        ("force", OptionKind::Flag),
        ("linenos", OptionKind::Flag),
        ("number-lines", OptionKind::LineNumbers),
        ("dedent", OptionKind::LineNumbers),
        ("lineno-start", OptionKind::Int),
        ("emphasize-lines", OptionKind::Required),
        ("caption", OptionKind::Required),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
    ],
    content: true,
    restricted: true,
    run: code_block,
};

fn code_block<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let mut text = lines::join(&call.content);
    if let Some(value) = call.option("dedent") {
        let columns = if let Value::Int(columns) = value { usize::try_from(*columns).ok() } else { None };
        text = dedent(&text, columns);
    }
    let language = call.arguments.first().cloned();
    Ok(vec![block(parser, call, &text, language.as_deref(), None)])
}

/// A text without so many columns before each line, or without those that all lines have.
pub(super) fn dedent(text: &str, columns: Option<usize>) -> String {
    let width = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let common = text.lines().filter(|line| !line.trim().is_empty()).map(width).min().unwrap_or(0);
    let columns = columns.unwrap_or(common);
    let cut = |line: &str| line.get(columns.min(width(line))..).unwrap_or("").to_owned();
    let lines: Vec<String> = text.split('\n').map(cut).collect();
    lines.join("\n")
}

/// Numbers in `1,3-5,7-` up to the number of lines.
pub(super) fn line_numbers(text: &str, lines: usize) -> Vec<usize> {
    let mut out = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').map_or((part, part), |(first, last)| (first.trim(), last.trim()));
        let first = if first.is_empty() { Ok(1) } else { first.parse::<usize>() };
        let last = if last.is_empty() { Ok(lines) } else { last.parse::<usize>() };
        if let (Ok(first), Ok(last)) = (first, last) {
            out.extend(first.max(1)..=last.min(lines));
        }
    }
    out
}

/// A literal block with what the options say, inside a container when it has a caption.
pub(super) fn block<'a>(
    parser: &mut Parser<'a>,
    call: &Call<'a, '_>,
    text: &str,
    language: Option<&str>,
    first_line: Option<i64>,
) -> NodeId {
    let node = parser.create_at(Kind::LiteralBlock, call.place);
    parser.doc.set(node, "xml:space", "preserve");
    if let Some(language) = language {
        parser.doc.set(node, "language", language);
    }
    if call.has("force") {
        parser.doc.set(node, "force", 1);
    }
    let start = call.number("lineno-start").or(call.number("number-lines")).or(first_line);
    if call.has("linenos") || call.has("number-lines") || start.is_some() {
        parser.doc.set(node, "linenos", 1);
    }
    if let Some(start) = start {
        parser.doc.set(node, "lineno_start", start);
    }
    if let Some(marked) = call.text("emphasize-lines") {
        let numbers = line_numbers(marked, text.lines().count());
        parser.doc.set(node, "highlight_lines", numbers.iter().map(usize::to_string).collect::<Vec<_>>());
    }
    parser.add_classes(call, node);
    parser.doc.add_text(node, text);
    let Some(caption) = call.text("caption").map(str::to_owned) else {
        parser.add_name(call, node);
        return node;
    };
    let container = parser.create_at(Kind::Container, call.place);
    parser.doc.push(container, "classes", "literal-block-wrapper");
    let title = parser.doc.add(container, Kind::Caption);
    let messages = parser.inline(&caption, call.place, title);
    parser.append_all(container, messages);
    parser.doc.append(container, node);
    parser.add_name(call, container);
    container
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_lines() {
        assert_eq!(line_numbers("1,3-5, 8-", 9), [1, 3, 4, 5, 8, 9]);
        assert_eq!(line_numbers("x,-2,99", 9), [1, 2]);
    }

    #[test]
    fn indents_go() {
        assert_eq!(dedent("  a\n    b\n\n  c", None), "a\n  b\n\nc");
        assert_eq!(dedent("    a\n b", Some(2)), "  a\nb");
    }
}
