//! Equations with labels (Sphinx documentation, directive `math`).

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static MATH: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[
        ("label", OptionKind::Text),
        ("name", OptionKind::Text),
        ("class", OptionKind::Class),
        ("nowrap", OptionKind::Flag),
        ("no-wrap", OptionKind::Flag),
    ],
    content: true,
    restricted: true,
    run: math,
};

fn math<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let mut text = lines::join(&call.content);
    if let Some(first) = call.arguments.first() {
        text = if text.is_empty() { first.clone() } else { format!("{first}\n\n{text}") };
    }
    if text.is_empty() {
        call.need_content()?;
    }
    let node = parser.create_at(Kind::MathBlock, call.place);
    parser.doc.set(node, "xml:space", "preserve");
    parser.doc.add_text(node, &text);
    if call.has("nowrap") || call.has("no-wrap") {
        parser.doc.set(node, "no-wrap", 1);
    }
    if let Some(label) = call.text("label").or(call.text("name")).map(str::to_owned) {
        parser.doc.set(node, "label", label.as_str());
        parser.doc.push(node, "ids", format!("equation-{}", crate::doctree::names::make_id(&label)));
        parser.doc.set_id(node, None);
    }
    parser.add_classes(call, node);
    Ok(vec![node])
}
