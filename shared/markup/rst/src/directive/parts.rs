//! Parts of the document ("reStructuredText Directives", sections "Directives for Document Parts", "Target-Notes").

use super::topic::fits;
use super::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::names::normalize;
use crate::doctree::{Detail, Kind, NodeId, Pending};
use crate::parser::Parser;

pub(super) static CONTENTS: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[
        ("depth", OptionKind::NonNegative),
        ("local", OptionKind::Flag),
        ("backlinks", OptionKind::Backlinks),
        ("class", OptionKind::Class),
    ],
    content: false,
    restricted: true,
    run: contents,
};

pub(super) static SECTNUM: Spec = Spec {
    optional: 0,
    options: &[
        ("depth", OptionKind::Int),
        ("start", OptionKind::Int),
        ("prefix", OptionKind::Required),
        ("suffix", OptionKind::Required),
    ],
    restricted: false,
    run: sectnum,
    ..CONTENTS
};

pub(super) static HEADER: Spec =
    Spec { optional: 0, options: &[], content: true, restricted: false, run: header, ..CONTENTS };
pub(super) static FOOTER: Spec = Spec { run: footer, ..HEADER };
pub(super) static TARGET_NOTES: Spec =
    Spec { optional: 0, options: &[("class", OptionKind::Class)], run: target_notes, ..CONTENTS };

/// The options as details of a plan.
fn details(call: &Call<'_, '_>) -> Vec<(&'static str, Detail)> {
    const NAMES: [&str; 7] = ["depth", "local", "backlinks", "class", "start", "prefix", "suffix"];
    let known = |name: &str| NAMES.into_iter().find(|n| *n == name);
    let detail = |value: &Value| match value {
        Value::Flag => Detail::None,
        Value::Text(text) => Detail::Text(text.clone()),
        Value::Int(number) => Detail::Int(*number),
        Value::List(list) => Detail::List(list.clone()),
        Value::Numbers(numbers) => Detail::List(numbers.iter().map(i64::to_string).collect()),
    };
    call.options.iter().filter_map(|(name, value)| Some((known(name)?, detail(value)))).collect()
}

fn contents<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if !fits(&parser.doc, call.body.node) {
        let text = format!("The \"{}\" directive may not be used within topics or body elements.", call.name);
        return Err(Fault::error(text));
    }
    let topic = parser.create_at(Kind::Topic, call.last.down(-1));
    let (mut messages, mut name) = (Vec::new(), "contents".to_owned());
    if let Some(text) = call.arguments.first() {
        let title = parser.doc.add(topic, Kind::Title);
        messages = parser.inline(text, call.place, title);
        name = normalize(&parser.doc.text_of(title));
    } else if !call.has("local") {
        parser.doc.add_with_text(topic, Kind::Title, "Contents");
    }
    parser.doc.push(topic, "classes", "contents");
    parser.add_classes(call, topic);
    if call.has("local") {
        parser.doc.push(topic, "classes", "local");
    }
    if !parser.doc.targets.names.contains_key(&name) {
        parser.doc.push(topic, "names", name);
    }
    parser.doc.note_implicit_target(topic, None);
    let pending = parser.create_at(Kind::Pending, call.place);
    parser.doc.append(topic, pending);
    let plan = Pending { transform: "docutils.transforms.parts.Contents", details: details(call) };
    parser.doc.set_pending(pending, plan);
    Ok(std::iter::once(topic).chain(messages).collect())
}

fn pending<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, transform: &'static str) -> NodeId {
    let node = parser.create_at(Kind::Pending, call.place);
    let details = details(call);
    parser.doc.set_pending(node, Pending { transform, details });
    node
}

fn sectnum<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    Ok(vec![pending(parser, call, "docutils.transforms.parts.SectNum")])
}

fn target_notes<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = pending(parser, call, "docutils.transforms.references.TargetNotes");
    Ok(vec![node])
}

fn header<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    decorate(parser, call, Kind::Header)
}

fn footer<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    decorate(parser, call, Kind::Footer)
}

fn decorate<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>, kind: Kind) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let decoration = decoration(parser);
    let found = parser.doc.children(decoration).find(|&n| parser.doc.kind(n) == kind);
    let part = found.unwrap_or_else(|| {
        let part = parser.doc.create(kind);
        match kind {
            Kind::Header => parser.doc.prepend(decoration, part),
            _ => parser.doc.append(decoration, part),
        }
        part
    });
    parser.content(call, part);
    Ok(Vec::new())
}

/// The element of header and footer, made after the titles when there is none yet.
fn decoration(parser: &mut Parser<'_>) -> NodeId {
    let root = parser.doc.root();
    if let Some(found) = parser.doc.children(root).find(|&n| parser.doc.kind(n) == Kind::Decoration) {
        return found;
    }
    let node = parser.doc.create(Kind::Decoration);
    let after = parser.doc.children(root).find(|&n| !is_titular(parser.doc.kind(n)));
    match after {
        Some(next) => parser.doc.insert_before(next, node),
        None => parser.doc.append(root, node),
    }
    node
}

/// True for titles and what stands with them at the top.
pub(super) fn is_titular(kind: Kind) -> bool {
    matches!(kind, Kind::Title | Kind::Subtitle | Kind::Rubric | Kind::Meta)
}
