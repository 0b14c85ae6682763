//! Headings outside the order of sections ("reStructuredText Directives", section "Rubric").

use super::{Call, Fault, NAMED, Spec, open};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static RUBRIC: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: NAMED,
    content: false,
    restricted: true,
    run: rubric,
};

fn rubric<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = open(parser, call, Kind::Rubric);
    let messages = parser.inline(&call.arguments[0], call.place, node);
    Ok(std::iter::once(node).chain(messages).collect())
}
