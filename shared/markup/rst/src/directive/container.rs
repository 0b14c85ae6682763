//! Containers with classes ("reStructuredText Directives", section "Container").

use super::class::classes_of;
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static CONTAINER: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[("name", OptionKind::Text)],
    content: true,
    restricted: true,
    run: container,
};

fn container<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let classes = classes_of(call)?;
    let node = parser.create_at(Kind::Container, call.place);
    parser.doc.set(node, "classes", classes);
    parser.add_name(call, node);
    parser.content(call, node);
    Ok(vec![node])
}
