//! Centered lines (Sphinx documentation, directive `centered`).

use super::OPEN;
use crate::directive::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static CENTERED: Spec = Spec { options: &[], content: false, run: centered, ..OPEN };

fn centered<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Centered, call.place);
    let text = call.arguments[0].clone();
    let messages = parser.inline(&text, call.place, node);
    Ok(std::iter::once(node).chain(messages).collect())
}
