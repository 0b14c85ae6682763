//! Admonitions ("reStructuredText Directives", section "Admonitions").

use super::{Call, Fault, NAMED, Spec};
use crate::doctree::names::make_id;
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static SPECIFIC: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: true,
    options: NAMED,
    content: true,
    restricted: true,
    run: specific,
};

pub(super) static GENERIC: Spec = Spec { required: 1, run: generic, ..SPECIFIC };

fn specific<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let kind = Kind::from_name(&call.name.to_lowercase()).unwrap_or(Kind::Note);
    let node = open_late(parser, call, kind);
    parser.content(call, node);
    Ok(vec![node])
}

fn generic<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let node = open_late(parser, call, Kind::Admonition);
    let title = parser.create_at(Kind::Title, call.place);
    parser.doc.append(node, title);
    let text = call.arguments[0].clone();
    let messages = parser.inline(&text, call.place, title);
    parser.append_all(node, messages);
    if !call.has("class") {
        parser.doc.push(node, "classes", format!("admonition-{}", make_id(&text)));
    }
    parser.content(call, node);
    Ok(vec![node])
}

/// An element with the options `class` and `name`; unlike with [`super::open`], a message about the name shows the
/// last line of the directive.
fn open_late<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, kind: Kind) -> NodeId {
    let node = parser.doc.create(kind);
    parser.add_classes(call, node);
    parser.add_name(call, node);
    parser.doc.set_place(node, call.place.source, call.place.line);
    node
}
