//! Topics ("reStructuredText Directives", section "Topic").

use super::{Call, Fault, NAMED, Spec};
use crate::doctree::{Document, Kind, NodeId};
use crate::parser::Parser;

pub(super) static TOPIC: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: NAMED,
    content: true,
    restricted: true,
    run: topic,
};

/// True where a topic may stand: in a document, a section or a sidebar, or in an element that will go away.
pub(super) fn fits(doc: &Document, parent: NodeId) -> bool {
    matches!(doc.kind(parent), Kind::Document | Kind::Section | Kind::Sidebar | Kind::Only | Kind::Pending)
}

fn topic<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    pseudo_section(parser, call, Kind::Topic)
}

/// A topic or a sidebar: a title, a subtitle perhaps, and a body (docutils' `BasePseudoSection`).
pub(super) fn pseudo_section<'a>(
    parser: &mut Parser<'a>,
    call: &mut Call<'a, '_>,
    kind: Kind,
) -> Result<Vec<NodeId>, Fault> {
    if !fits(&parser.doc, call.body.node) {
        let text = format!("The \"{}\" directive may not be used within topics or body elements.", call.name);
        return Err(Fault::error(text));
    }
    call.need_content()?;
    let node = parser.create_at(kind, call.place);
    let mut messages = Vec::new();
    let subtitle = call.text("subtitle").map(|text| (Kind::Subtitle, text.to_owned()));
    let title = call.arguments.first().map(|text| (Kind::Title, text.clone()));
    for (kind, text) in title.into_iter().chain(subtitle) {
        let title = parser.create_at(kind, call.place);
        parser.doc.append(node, title);
        messages.extend(parser.inline(&text, call.place, title));
    }
    parser.append_all(node, messages);
    parser.add_classes(call, node);
    parser.add_name(call, node);
    parser.content(call, node);
    Ok(vec![node])
}
