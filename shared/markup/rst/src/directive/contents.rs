//! The table of contents ("reStructuredText Directives", section "Table of Contents").

use super::topic::fits;
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::names::normalize;
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static CONTENTS: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[
        ("depth", OptionKind::NonNegative),
        ("local", OptionKind::Flag),
        ("backlinks", OptionKind::Backlinks),
        ("class", OptionKind::Class),
    ],
    content: false,
    restricted: true,
    run: contents,
};

fn contents<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if !fits(&parser.doc, call.body.node) {
        let text = format!("The \"{}\" directive may not be used within topics or body elements.", call.name);
        return Err(Fault::error(text));
    }
    let topic = parser.create_at(Kind::Topic, call.last.down(-1));
    let (mut messages, mut name) = (Vec::new(), "contents".to_owned());
    if let Some(text) = call.arguments.first() {
        let title = parser.doc.add(topic, Kind::Title);
        messages = parser.inline(text, call.place, title);
        name = normalize(&parser.doc.text_of(title));
    } else if !call.has("local") {
        parser.doc.add_with_text(topic, Kind::Title, "Contents");
    }
    parser.doc.push(topic, "classes", "contents");
    parser.add_classes(call, topic);
    if call.has("local") {
        parser.doc.push(topic, "classes", "local");
    }
    if !parser.doc.targets.names.contains_key(&name) {
        parser.doc.push(topic, "names", name);
    }
    parser.doc.note_implicit_target(topic, None);
    let pending = parser.pending(call, "docutils.transforms.parts.Contents");
    parser.doc.append(topic, pending);
    Ok(std::iter::once(topic).chain(messages).collect())
}
