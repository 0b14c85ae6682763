//! The tree of pages (Sphinx documentation, directive `toctree`).

use crate::directive::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static TOCTREE: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[
        ("maxdepth", OptionKind::Int),
        ("name", OptionKind::Text),
        ("class", OptionKind::Class),
        ("caption", OptionKind::Required),
        ("glob", OptionKind::Flag),
        ("hidden", OptionKind::Flag),
        ("includehidden", OptionKind::Flag),
        ("numbered", OptionKind::LineNumbers),
        ("titlesonly", OptionKind::Flag),
        ("reversed", OptionKind::Flag),
    ],
    content: true,
    restricted: false,
    run: toctree,
};

fn toctree<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Toctree, call.place);
    let entries: Vec<String> =
        call.content.iter().filter(|line| !line.is_blank()).map(|line| entry(line.text.trim())).collect();
    parser.doc.set(node, "entries", entries);
    for (name, value) in &call.options {
        match value {
            Value::Flag => parser.doc.set(node, name.clone(), 1),
            Value::Int(number) => parser.doc.set(node, name.clone(), *number),
            Value::Text(text) if name != "name" => parser.doc.set(node, name.clone(), text.clone()),
            _ => {}
        }
    }
    parser.add_classes(call, node);
    parser.add_name(call, node);
    Ok(vec![node])
}

/// `title <page>` or `page`, as title, a NUL, and page.
fn entry(line: &str) -> String {
    let split = line.strip_suffix('>').and_then(|inner| inner.rsplit_once('<'));
    match split {
        Some((title, page)) if !title.trim().is_empty() => format!("{}\0{page}", title.trim()),
        _ => format!("\0{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_a_title_or_not() {
        assert_eq!(entry("A b <c/d>"), "A b\0c/d");
        assert_eq!(entry("c/d"), "\0c/d");
    }
}
