//! References for further reading (Sphinx documentation, directive `seealso`), and the notes that are like it.

use super::OPEN;
use crate::directive::{Call, Fault, NAMED, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static SEEALSO: Spec = Spec { required: 0, optional: 1, options: NAMED, run: seealso, ..OPEN };

fn seealso<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = note(parser, call, Kind::Seealso);
    parser.content(call, node);
    Ok(vec![node])
}

/// An admonition whose first paragraph may stand on the line of the directive.
pub(super) fn note<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, kind: Kind) -> NodeId {
    let node = parser.create_at(kind, call.place);
    parser.add_classes(call, node);
    parser.add_name(call, node);
    if let Some(text) = call.arguments.first() {
        let paragraph = parser.create_at(Kind::Paragraph, call.place);
        let messages = parser.inline(text, call.place, paragraph);
        parser.doc.append(node, paragraph);
        parser.append_all(node, messages);
    }
    node
}
