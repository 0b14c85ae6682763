//! Compound paragraphs ("reStructuredText Directives", section "Compound Paragraph").

use super::{Call, Fault, NAMED, Spec, open};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static COMPOUND: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: NAMED,
    content: true,
    restricted: true,
    run: compound,
};

fn compound<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let node = open(parser, call, Kind::Compound);
    parser.content(call, node);
    Ok(vec![node])
}
