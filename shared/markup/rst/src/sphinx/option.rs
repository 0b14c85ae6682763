//! Options of programs (Sphinx documentation, directives `option` and `program`).

use super::OPEN;
use crate::directive::{Call, Fault, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static PROGRAM: Spec = Spec { options: &[], content: false, run: program, ..OPEN };

fn program<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let name = call.arguments[0].split_whitespace().collect::<Vec<_>>().join("-");
    parser.sphinx.program = Some(name).filter(|name| name != "None");
    Ok(Vec::new())
}

/// `-f, --file <path>`: every spelling is a name and an identifier.
pub(super) fn option_signature(parser: &mut Parser<'_>, node: NodeId, line: &str, indexed: bool) {
    let program = parser.sphinx.program.clone();
    for (i, part) in line.split(", ").enumerate() {
        let end = part.find([' ', '=', '[']).unwrap_or(part.len());
        let (name, argument) = part.split_at(end);
        if i > 0 {
            parser.doc.add_with_text(node, Kind::DescAddname, ", ");
        }
        parser.doc.add_with_text(node, Kind::DescName, name);
        if !argument.is_empty() {
            parser.doc.add_with_text(node, Kind::DescAddname, argument);
        }
        parser.doc.push(node, "allnames", name);
        if indexed {
            let prefix = program.as_ref().map(|program| format!("-{program}")).unwrap_or_default();
            parser.doc.push(
                node,
                "ids",
                format!("cmdoption{prefix}{}{}", if name.starts_with('-') { "" } else { "-" }, name),
            );
        }
    }
    if let Some(program) = program {
        parser.doc.set(node, "std:program", program);
    }
    let known = &parser.doc.targets.ids;
    let own: Vec<String> = parser.doc.ids(node).iter().filter(|id| !known.contains_key(*id)).cloned().collect();
    parser.doc.set(node, "ids", own);
    if indexed && !parser.doc.ids(node).is_empty() {
        parser.doc.set_id(node, None);
    }
}
