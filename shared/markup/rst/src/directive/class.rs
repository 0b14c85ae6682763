//! Classes for what follows or for the content ("reStructuredText Directives", section "Setting Class Attributes").

use super::option::class_names;
use super::{Call, Fault, Spec};
use crate::doctree::{Detail, Kind, NodeId, Pending};
use crate::parser::Parser;

pub(super) static CLASS: Spec =
    Spec { required: 1, optional: 0, last_with_space: true, options: &[], content: true, restricted: true, run: class };

/// The classes that the argument names.
pub(super) fn classes_of(call: &Call<'_, '_>) -> Result<Vec<String>, Fault> {
    let text = call.arguments.first().map_or("", String::as_str);
    class_names(text).map_err(|_| {
        Fault::error(format!("Invalid class attribute value for \"{}\" directive: \"{text}\".", call.name))
    })
}

fn class<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let classes = classes_of(call)?;
    if call.content.is_empty() {
        let node = parser.doc.create(Kind::Pending);
        parser.doc.set_raw_source(node, &call.source);
        let details = vec![("class", Detail::List(classes)), ("directive", Detail::Text(call.name.clone()))];
        parser.doc.set_pending(node, Pending { transform: "docutils.transforms.misc.ClassAttribute", details });
        return Ok(vec![node]);
    }
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    let nodes: Vec<NodeId> = parser.doc.children(scratch).collect();
    for &node in &nodes {
        for class in &classes {
            parser.doc.push(node, "classes", class.clone());
        }
        parser.doc.detach(node);
    }
    Ok(nodes)
}
