//! Descriptions of functions, classes, options and the like (Sphinx documentation, "Domains").

use super::option::option_signature;
use super::signature::{self, Shape};
use super::{OPEN, module};
use crate::directive::{Call, Fault, Spec};
use crate::doctree::names::make_id;
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static OBJECT: Spec = Spec { run: object, ..OPEN };

const PY: &[&str] = &[
    "function",
    "data",
    "class",
    "exception",
    "method",
    "classmethod",
    "staticmethod",
    "attribute",
    "property",
    "type",
    "decorator",
    "decoratormethod",
    "module",
    "currentmodule",
];
const C: &[&str] =
    &["member", "var", "function", "macro", "struct", "union", "enum", "enumerator", "type", "namespace"];
const CPP: &[&str] = &[
    "class",
    "struct",
    "union",
    "function",
    "member",
    "var",
    "type",
    "concept",
    "enum",
    "enum-class",
    "enumerator",
    "namespace",
];
const JS: &[&str] = &["module", "function", "method", "class", "data", "attribute"];
const RST: &[&str] = &["directive", "directive:option", "role"];
const STD: &[&str] = &["option", "cmdoption", "envvar", "confval", "describe", "object"];

fn domain_names(domain: &str) -> &'static [&'static str] {
    match domain {
        "py" => PY,
        "c" => C,
        "cpp" => CPP,
        "js" => JS,
        "rst" => RST,
        "std" => STD,
        _ => &[],
    }
}

/// The domain and the type of a directive's name.
fn parts<'n>(name: &'n str, default_domain: &'n str) -> Option<(&'n str, &'n str)> {
    if let Some((domain, kind)) = name.split_once(':')
        && domain_names(domain).contains(&kind)
    {
        return Some((domain, kind));
    }
    let domain = [default_domain, "std"].into_iter().find(|domain| domain_names(domain).contains(&name))?;
    Some((domain, name))
}

pub(super) fn directive(name: &str, default_domain: &str) -> Option<&'static Spec> {
    let (_, kind) = parts(name, default_domain)?;
    Some(match kind {
        "module" => &module::MODULE,
        "currentmodule" | "namespace" => &module::CURRENT_MODULE,
        _ => &OBJECT,
    })
}

fn object<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let name = call.name.to_lowercase();
    let default = parser.sphinx.domain().to_owned();
    let (domain, kind) = parts(&name, &default).unwrap_or(("std", "object"));
    let kind = if kind == "cmdoption" { "option" } else { kind };
    let desc = parser.create_at(Kind::Desc, call.place);
    parser.doc.set(desc, "domain", domain);
    parser.doc.set(desc, "objtype", kind);
    for option in ["no-index", "noindex"] {
        if call.has(option) {
            parser.doc.set(desc, "no-index", 1);
        }
    }
    if let Some(module) = call.text("module") {
        parser.doc.set(desc, "module", module);
    }
    let mut class = None;
    for line in call.arguments[0].replace("\\\n", "").lines().map(str::trim).filter(|line| !line.is_empty()) {
        let full = signature(parser, call, desc, (domain, kind), line);
        class = class.or(full);
    }
    let content = parser.doc.add(desc, Kind::DescContent);
    let holds = matches!(kind, "class" | "exception" | "struct" | "union" | "enum" | "directive");
    if let Some(class) = class.filter(|_| holds) {
        parser.sphinx.classes.push(class);
        parser.content(call, content);
        parser.sphinx.classes.pop();
    } else {
        parser.content(call, content);
    }
    Ok(vec![desc])
}

/// One signature: its parts as nodes, and its identifier. Returns the name that inner objects are named after.
fn signature<'a>(
    parser: &mut Parser<'a>,
    call: &Call<'a, '_>,
    desc: NodeId,
    (domain, kind): (&str, &str),
    line: &str,
) -> Option<String> {
    let node = parser.create_at(Kind::DescSignature, call.place);
    parser.doc.append(desc, node);
    if (domain, kind) == ("std", "option") {
        option_signature(parser, node, line, !parser.doc.has(desc, "no-index"));
        return None;
    }
    let shape = match domain {
        "py" | "js" => signature::python(line),
        "c" | "cpp" => signature::c(line),
        _ => Shape { name: line.to_owned(), ..Shape::default() },
    };
    let class = parser.sphinx.classes.last().filter(|_| matches!(domain, "py" | "js" | "c" | "cpp")).cloned();
    let joint = if domain == "cpp" { "::" } else { "." };
    let own = format!("{}{}", shape.prefix, shape.name);
    let inside = match &class {
        Some(class) if !own.starts_with(&format!("{class}{joint}")) => format!("{class}{joint}{own}"),
        _ => own,
    };
    let module = call.text("module").map(str::to_owned).or_else(|| parser.sphinx.module.clone());
    let module = module.filter(|_| matches!(domain, "py" | "js"));
    let full = match &module {
        Some(module) if !inside.starts_with(&format!("{module}.")) => format!("{module}.{inside}"),
        _ => inside.clone(),
    };
    if let Some(module) = module {
        parser.doc.set(node, "module", module);
    }
    if let Some(class) = class {
        parser.doc.set(node, "class", class);
    }
    parser.doc.set(node, "fullname", full.as_str());
    signature::write(&mut parser.doc, node, (domain, kind), &shape, call);
    if !parser.doc.has(desc, "no-index") {
        // A second description of the same object has no identifier of its own.
        let id = identifier(parser, (domain, kind), &shape, &full, &inside);
        if let Some(id) = id.filter(|id| !parser.doc.targets.ids.contains_key(id)) {
            parser.doc.push(node, "ids", id);
            parser.doc.set_id(node, None);
        }
    }
    Some(inside)
}

/// The identifier of an object: its full name, or its kind and name; none for what cannot be referred to.
fn identifier(
    parser: &Parser<'_>,
    (domain, kind): (&str, &str),
    shape: &Shape,
    full: &str,
    inside: &str,
) -> Option<String> {
    let id = match (domain, kind) {
        ("py" | "js", _) => full.to_owned(),
        ("c" | "cpp", _) => format!("{domain}.{inside}"),
        ("rst", "directive:option") => {
            let directive = parser.sphinx.classes.last().map(|name| format!("{name}-")).unwrap_or_default();
            let name = shape.name.split(':').next().unwrap_or("");
            format!("directive-option-{directive}{}", make_id(name))
        }
        ("rst", kind) => format!("{kind}-{}", make_id(&shape.name)),
        (_, "describe" | "object") => return None,
        (_, kind) => format!("{kind}-{}", shape.name),
    };
    Some(id.replace(' ', "-"))
}

/// Options of an object that say something before its name.
pub(super) fn annotations(call: &Call<'_, '_>, domain: &str, kind: &str) -> Vec<&'static str> {
    let mut words = Vec::new();
    if domain != "py" && domain != "js" {
        return words;
    }
    for (option, word) in [
        ("final", "final "),
        ("abstractmethod", "abstract "),
        ("abstract", "abstract "),
        ("async", "async "),
        ("classmethod", "classmethod "),
        ("staticmethod", "static "),
    ] {
        if call.has(option) {
            words.push(word);
        }
    }
    match kind {
        "class" => words.push("class "),
        "exception" => words.push("exception "),
        "classmethod" => words.push("classmethod "),
        "staticmethod" => words.push("static "),
        "property" => words.push("property "),
        "type" => words.push("type "),
        "decorator" | "decoratormethod" => words.push("@"),
        _ => {}
    }
    words
}
