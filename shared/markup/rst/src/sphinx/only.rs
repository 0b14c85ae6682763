//! Text for some builders only (Sphinx documentation, directive `only`).

use super::OPEN;
use crate::directive::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::{Body, Parser};

pub(super) static ONLY: Spec = Spec { options: &[], restricted: false, run: only, ..OPEN };

/// Its content may hold sections, whose level counts those around the directive.
fn only<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Only, call.place);
    parser.doc.set(node, "expr", call.arguments[0].as_str());
    let around = std::iter::once(call.body.node).chain(parser.doc.ancestors(call.body.node));
    let sections = around.filter(|&n| parser.doc.kind(n) == Kind::Section).count();
    let body = Body { node, titles: call.body.titles, level_offset: sections + call.body.level_offset };
    let content = std::mem::take(&mut call.content);
    parser.nested_body(content, call.content_place, body);
    Ok(vec![node])
}
