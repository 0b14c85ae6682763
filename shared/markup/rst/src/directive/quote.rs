//! Quotes with a class, and the old line-block directive ("reStructuredText Directives", sections "Epigraph",
//! "Highlights", "Pull-Quote", "Line Block").

use super::admonition::{NAMED, open};
use super::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static QUOTE: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[],
    content: true,
    restricted: true,
    run: quote,
};

pub(super) static LINE_BLOCK: Spec = Spec { options: NAMED, run: line_block, ..QUOTE };

fn quote<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let elements = parser.quotes(std::mem::take(&mut call.content), call.content_place);
    for &element in &elements {
        if parser.doc.kind(element) == Kind::BlockQuote {
            parser.doc.push(element, "classes", call.name.to_lowercase());
        }
    }
    Ok(elements)
}

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
