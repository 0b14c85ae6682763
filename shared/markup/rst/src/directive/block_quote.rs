//! Quotes with a class ("reStructuredText Directives", sections "Epigraph", "Highlights" and "Pull-Quote"; docutils'
//! `BlockQuote`).

use super::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static BLOCK_QUOTE: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[],
    content: true,
    restricted: true,
    run: block_quote,
};

fn block_quote<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let elements = parser.quotes(std::mem::take(&mut call.content), call.content_place);
    for &element in &elements {
        if parser.doc.kind(element) == Kind::BlockQuote {
            parser.doc.push(element, "classes", call.name.to_lowercase());
        }
    }
    Ok(elements)
}
