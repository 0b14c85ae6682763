//! Grammars (Sphinx documentation, directive `productionlist`).

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static PRODUCTION_LIST: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[("class", OptionKind::Class), ("name", OptionKind::Text)],
    content: false,
    restricted: true,
    run: production_list,
};

fn production_list<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Productionlist, call.place);
    let text = call.arguments[0].replace("\\\n", "");
    let mut group = "";
    for (i, line) in text.lines().enumerate() {
        let Some((name, rule)) = line.split_once(':') else {
            if i == 0 {
                group = line.trim();
            }
            continue;
        };
        let name = name.trim();
        let production = parser.doc.add(node, Kind::Production);
        parser.doc.set(production, "tokenname", name);
        if !name.is_empty() {
            let prefix = if group.is_empty() { String::new() } else { format!("{group}-") };
            parser.doc.push(production, "ids", format!("grammar-token-{prefix}{name}"));
            parser.doc.set_id(production, None);
        }
        rule_text(parser, production, rule.trim(), group);
    }
    Ok(vec![node])
}

/// The right side of a rule, in which names in backquotes refer to other rules.
fn rule_text(parser: &mut Parser<'_>, node: NodeId, rule: &str, group: &str) {
    for (i, part) in rule.split('`').enumerate() {
        if part.is_empty() {
            continue;
        }
        if i % 2 == 0 {
            parser.doc.add_text(node, part);
            continue;
        }
        let (target, shown) = match part.split_once(':') {
            Some((_, token)) => (part.to_owned(), token),
            None if group.is_empty() => (part.to_owned(), part),
            None => (format!("{group}:{part}"), part),
        };
        let reference = parser.doc.add_with_text(node, Kind::PendingXref, shown);
        parser.doc.set(reference, "refdomain", "std");
        parser.doc.set(reference, "reftype", "token");
        parser.doc.set(reference, "reftarget", target);
    }
}
