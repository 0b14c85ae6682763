//! Text for a substitution ("reStructuredText Directives", section "Replacement Text").

use super::{Call, Fault, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

pub(super) static REPLACE: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[],
    content: true,
    restricted: true,
    run: replace,
};

fn replace<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.definition()?;
    call.need_content()?;
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    let (mut paragraph, mut nodes) = (None, Vec::new());
    for child in parser.doc.children(scratch).collect::<Vec<_>>() {
        match parser.doc.kind(child) {
            Kind::Paragraph if paragraph.is_none() => paragraph = Some(child),
            Kind::SystemMessage => {
                parser.doc.unset(child, "backrefs");
                parser.doc.detach(child);
                nodes.push(child);
            }
            _ => {
                let text = format!("Error in \"{}\" directive: may contain a single paragraph only.", call.name);
                return Ok(vec![parser.report(Level::Error, &text, call.place)]);
            }
        }
    }
    if let Some(paragraph) = paragraph {
        nodes.extend(parser.doc.children(paragraph).collect::<Vec<_>>());
    }
    Ok(nodes)
}
