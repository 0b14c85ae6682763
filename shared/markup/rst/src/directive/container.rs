//! Compound paragraphs, containers and classes ("reStructuredText Directives", sections "Compound Paragraph",
//! "Container", "Class").

use super::admonition::{NAMED, open};
use super::option::class_names;
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Detail, Kind, NodeId, Pending};
use crate::parser::Parser;

pub(super) static COMPOUND: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: NAMED,
    content: true,
    restricted: true,
    run: compound,
};

pub(super) static CONTAINER: Spec =
    Spec { optional: 1, last_with_space: true, options: &[("name", OptionKind::Text)], run: container, ..COMPOUND };

pub(super) static CLASS: Spec = Spec { required: 1, last_with_space: true, options: &[], run: class, ..COMPOUND };

fn compound<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let node = open(parser, call, Kind::Compound);
    parser.content(call, node);
    Ok(vec![node])
}

fn classes_of(call: &Call<'_, '_>) -> Result<Vec<String>, Fault> {
    let text = call.arguments.first().map_or("", String::as_str);
    class_names(text).map_err(|_| {
        Fault::error(format!("Invalid class attribute value for \"{}\" directive: \"{text}\".", call.name))
    })
}

fn container<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let classes = classes_of(call)?;
    let node = parser.create_at(Kind::Container, call.place);
    parser.doc.set(node, "classes", classes);
    parser.add_name(call, node);
    parser.content(call, node);
    Ok(vec![node])
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
