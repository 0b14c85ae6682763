//! What is still to be done (Sphinx documentation, extension `todo`).

use super::OPEN;
use super::seealso::note;
use crate::directive::{Call, Fault, NAMED, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static TODO: Spec = Spec { required: 0, optional: 1, options: NAMED, run: todo, ..OPEN };

fn todo<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = note(parser, call, Kind::Admonition);
    let title = parser.doc.create(Kind::Title);
    parser.doc.add_text(title, "Todo");
    parser.doc.prepend(node, title);
    parser.doc.push(node, "classes", "admonition-todo");
    parser.content(call, node);
    Ok(vec![node])
}
