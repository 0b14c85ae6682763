//! Literal blocks in which inline markup is read ("reStructuredText Directives", section "Parsed Literal Block").

use super::{Call, Fault, NAMED, Spec, open};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static PARSED_LITERAL: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: NAMED,
    content: true,
    restricted: true,
    run: parsed_literal,
};

fn parsed_literal<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let block = open(parser, call, Kind::LiteralBlock);
    parser.doc.set_place(block, call.content_place.source, call.content_place.line);
    parser.doc.set(block, "xml:space", "preserve");
    let text = lines::join(&call.content);
    let messages = parser.inline(&text, call.place, block);
    Ok(std::iter::once(block).chain(messages).collect())
}
