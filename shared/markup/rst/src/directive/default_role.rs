//! The role of interpreted text that names none ("reStructuredText Directives", section "Setting the Default Interpreted
//! Text Role").

use super::{Call, Fault, Spec};
use crate::doctree::{Level, NodeId};
use crate::parser::Parser;

pub(super) static DEFAULT_ROLE: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: false,
    options: &[],
    content: false,
    restricted: true,
    run: default_role,
};

fn default_role<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let Some(name) = call.arguments.first() else {
        parser.default_role = None;
        return Ok(Vec::new());
    };
    let (found, mut nodes) = parser.find_role(name, call.place);
    match found {
        Some(role) => parser.default_role = Some(role),
        None => {
            let text = format!("Unknown interpreted text role \"{name}\".");
            nodes.push(parser.report_with(Level::Error, &text, call.place, &call.source));
        }
    }
    Ok(nodes)
}
