//! Notes about versions (Sphinx documentation, "Describing changes between versions").

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static VERSION: Spec = Spec {
    required: 1,
    optional: 1,
    last_with_space: true,
    options: &[("class", OptionKind::Class), ("name", OptionKind::Text)],
    content: true,
    restricted: true,
    run: version,
};

fn version<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let kind = match call.name.to_lowercase().replace('-', "").as_str() {
        "versiondeprecated" => "deprecated".to_owned(),
        kind => kind.to_owned(),
    };
    let words = match kind.as_str() {
        "versionadded" => "Added in version",
        "versionchanged" => "Changed in version",
        "versionremoved" => "Removed in version",
        _ => "Deprecated since version",
    };
    let version = call.arguments[0].clone();
    let node = parser.create_at(Kind::Versionmodified, call.place);
    parser.doc.set(node, "type", kind.as_str());
    parser.doc.set(node, "version", version.as_str());
    parser.add_classes(call, node);
    parser.add_name(call, node);
    let mut messages = Vec::new();
    let scratch = parser.doc.create(Kind::Container);
    if let Some(text) = call.arguments.get(1).cloned() {
        let paragraph = parser.create_at(Kind::Paragraph, call.place);
        messages = parser.inline(&text, call.place, paragraph);
        parser.doc.append(scratch, paragraph);
    }
    parser.content(call, scratch);
    let first = parser.doc.first_child(scratch).filter(|&n| parser.doc.kind(n) == Kind::Paragraph);
    let label = parser.classed(Kind::Inline, "versionmodified");
    parser.doc.push(label, "classes", kind.trim_start_matches("version"));
    let colon = if first.is_some() { ": " } else { "." };
    parser.doc.add_text(label, &format!("{words} {version}{colon}"));
    let paragraph = first.unwrap_or_else(|| {
        let paragraph = parser.create_at(Kind::Paragraph, call.place);
        parser.doc.prepend(scratch, paragraph);
        paragraph
    });
    parser.doc.prepend(paragraph, label);
    parser.doc.move_children(scratch, node);
    Ok(std::iter::once(node).chain(messages).collect())
}
