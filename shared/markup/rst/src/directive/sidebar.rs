//! Sidebars ("reStructuredText Directives", section "Sidebar").

use super::topic::pseudo_section;
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static SIDEBAR: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[("class", OptionKind::Class), ("name", OptionKind::Text), ("subtitle", OptionKind::Required)],
    content: true,
    restricted: true,
    run: sidebar,
};

fn sidebar<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if parser.doc.kind(call.body.node) == Kind::Sidebar {
        let text = format!("The \"{}\" directive may not be used within a sidebar element.", call.name);
        return Err(Fault::error(text));
    }
    if call.has("subtitle") && call.arguments.is_empty() {
        return Err(Fault::error("The \"subtitle\" option may not be used without a title."));
    }
    pseudo_section(parser, call, Kind::Sidebar)
}
