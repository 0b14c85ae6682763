//! Descriptions of functions, classes, options and the like (Sphinx documentation, "Domains").

use super::OPEN;
use super::signature::{self, Shape};
use crate::directive::{Call, Fault, Spec};
use crate::doctree::names::make_id;
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

pub(super) static OBJECT: Spec = Spec { run: object, ..OPEN };
pub(super) static MODULE: Spec = Spec { run: module, ..OPEN };
pub(super) static CURRENT_MODULE: Spec = Spec { options: &[], content: false, run: current_module, ..OPEN };
pub(super) static PROGRAM: Spec = Spec { options: &[], content: false, run: program, ..OPEN };

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
        "module" => &MODULE,
        "currentmodule" => &CURRENT_MODULE,
        "namespace" => &CURRENT_MODULE,
        _ => &OBJECT,
    })
}

fn program<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let name = call.arguments[0].split_whitespace().collect::<Vec<_>>().join("-");
    parser.sphinx.program = Some(name).filter(|name| name != "None");
    Ok(Vec::new())
}

fn current_module<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    parser.sphinx.module = Some(call.arguments[0].clone()).filter(|name| name != "None");
    Ok(Vec::new())
}

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
        let id = match (domain, kind) {
            ("py" | "js", _) => full,
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
        // A second description of the same object has no identifier of its own.
        let id = id.replace(' ', "-");
        if !parser.doc.targets.ids.contains_key(&id) {
            parser.doc.push(node, "ids", id);
            parser.doc.set_id(node, None);
        }
    }
    Some(inside)
}

/// `-f, --file <path>`: every spelling is a name and an identifier.
fn option_signature(parser: &mut Parser<'_>, node: NodeId, line: &str, indexed: bool) {
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
