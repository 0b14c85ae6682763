//! Names of contributors (Sphinx documentation, directive `acks`).

use super::{OPEN, only_list};
use crate::directive::{Call, Fault, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

pub(super) static ACKS: Spec = Spec { required: 0, options: &[], run: acks, ..OPEN };

fn acks<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let Some(list) = only_list(parser, call) else {
        return Ok(vec![parser.report(Level::Warning, ".. acks content is not a list", call.place)]);
    };
    let node = parser.create_at(Kind::Acks, call.place);
    parser.doc.append(node, list);
    Ok(vec![node])
}
