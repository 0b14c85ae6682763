//! Line blocks as a directive, which the `|` syntax has replaced ("reStructuredText Directives", section "Line Block").

use super::{Call, Fault, NAMED, Spec, open};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static LINE_BLOCK: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: NAMED,
    content: true,
    restricted: true,
    run: line_block,
};

fn line_block<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let block = open(parser, call, Kind::LineBlock);
    let mut nodes = vec![block];
    let mut items = Vec::new();
    for source in std::mem::take(&mut call.content) {
        let line = parser.create_at(Kind::Line, source.place);
        nodes.extend(parser.inline(source.text.trim(), source.place, line));
        let indent = source.text.len() - source.text.trim_start().len();
        items.push((line, (!source.is_blank()).then_some(indent)));
    }
    parser.nest_lines(block, items);
    Ok(nodes)
}
