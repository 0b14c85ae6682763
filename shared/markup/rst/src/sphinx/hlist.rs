//! Lists side by side (Sphinx documentation, directive `hlist`).

use super::{OPEN, only_list};
use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

pub(super) static HLIST: Spec = Spec { required: 0, options: &[("columns", OptionKind::Int)], run: hlist, ..OPEN };

fn hlist<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let Some(list) = only_list(parser, call) else {
        return Ok(vec![parser.report(Level::Warning, ".. hlist content is not a list", call.place)]);
    };
    let columns = usize::try_from(call.number("columns").unwrap_or(2)).unwrap_or(2).max(1);
    let items: Vec<NodeId> = parser.doc.children(list).collect();
    let node = parser.create_at(Kind::Hlist, call.place);
    let mut rest = items.into_iter().peekable();
    let count = rest.len();
    for i in 0..columns.min(count) {
        let share = count / columns + usize::from(i < count % columns);
        let column = parser.doc.add(node, Kind::Hlistcol);
        let part = parser.doc.add(column, Kind::BulletList);
        for item in rest.by_ref().take(share) {
            parser.doc.append(part, item);
        }
    }
    Ok(vec![node])
}
