//! The module that what follows belongs to (Sphinx documentation, directives `py:module`, `py:currentmodule`).

use super::OPEN;
use crate::directive::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static MODULE: Spec = Spec { run: module, ..OPEN };

pub(super) static CURRENT_MODULE: Spec = Spec { options: &[], content: false, run: current_module, ..OPEN };

fn module<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let name = call.arguments[0].trim().to_owned();
    let node = parser.create_at(Kind::Index, call.place);
    for (key, value) in [("domain", "py"), ("objtype", "module"), ("fullname", name.as_str())] {
        parser.doc.set(node, key, value);
    }
    for key in ["synopsis", "platform"] {
        if let Some(text) = call.text(key) {
            parser.doc.set(node, key, text);
        }
    }
    let id = format!("module-{name}");
    parser.doc.push(node, "entries", format!("module\0{name}\0{id}"));
    parser.doc.push(node, "ids", id);
    parser.doc.set_id(node, None);
    parser.sphinx.module = Some(name);
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    Ok(std::iter::once(node).chain(parser.doc.children(scratch).collect::<Vec<_>>()).collect())
}

fn current_module<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    parser.sphinx.module = Some(call.arguments[0].clone()).filter(|name| name != "None");
    Ok(Vec::new())
}
