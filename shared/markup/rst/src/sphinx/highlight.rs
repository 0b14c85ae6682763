//! The language of code that says none (Sphinx documentation, directive `highlight`).

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static HIGHLIGHT: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: false,
    options: &[("force", OptionKind::Flag), ("linenothreshold", OptionKind::Int)],
    content: false,
    restricted: true,
    run: highlight,
};

fn highlight<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Highlightlang, call.place);
    parser.doc.set(node, "lang", call.arguments[0].as_str());
    if call.has("force") {
        parser.doc.set(node, "force", 1);
    }
    if let Some(number) = call.number("linenothreshold") {
        parser.doc.set(node, "linenothreshold", number);
    }
    Ok(vec![node])
}
