//! What stands above and below each page ("reStructuredText Directives", section "Document Header & Footer").

use super::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static HEADER: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[],
    content: true,
    restricted: false,
    run: header,
};

pub(super) static FOOTER: Spec = Spec { run: footer, ..HEADER };

fn header<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    decorate(parser, call, Kind::Header)
}

fn footer<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    decorate(parser, call, Kind::Footer)
}

fn decorate<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>, kind: Kind) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let decoration = decoration(parser);
    let found = parser.doc.children(decoration).find(|&n| parser.doc.kind(n) == kind);
    let part = found.unwrap_or_else(|| {
        let part = parser.doc.create(kind);
        match kind {
            Kind::Header => parser.doc.prepend(decoration, part),
            _ => parser.doc.append(decoration, part),
        }
        part
    });
    parser.content(call, part);
    Ok(Vec::new())
}

/// The element of header and footer, made after the titles when there is none yet.
fn decoration(parser: &mut Parser<'_>) -> NodeId {
    let root = parser.doc.root();
    if let Some(found) = parser.doc.children(root).find(|&n| parser.doc.kind(n) == Kind::Decoration) {
        return found;
    }
    let node = parser.doc.create(Kind::Decoration);
    parser.doc.insert_below_titles(node);
    node
}
