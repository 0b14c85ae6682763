//! Formulas ("reStructuredText Directives", section "Math").

use super::{Call, Fault, NAMED, Spec};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static MATH: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: NAMED,
    content: true,
    restricted: true,
    run: math,
};

/// One block for each part between blank lines.
fn math<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let mut nodes = Vec::new();
    for text in lines::join(&call.content).split("\n\n").filter(|text| !text.is_empty()) {
        let block = parser.create_at(Kind::MathBlock, call.place);
        parser.doc.set(block, "xml:space", "preserve");
        parser.add_classes(call, block);
        if nodes.is_empty() {
            parser.add_name(call, block);
        }
        parser.doc.add_text(block, text);
        nodes.push(block);
    }
    Ok(nodes)
}
