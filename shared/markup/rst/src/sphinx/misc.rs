//! Smaller directives: `seealso`, `only`, `index`, `centered`, `hlist`, `acks` and those that show nothing
//! (Sphinx documentation, "Directives").

use super::OPEN;
use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::{Body, Parser};
use crate::role::{Outcome, Use};

const NAMED: &[(&str, OptionKind)] = &[("class", OptionKind::Class), ("name", OptionKind::Text)];

pub(super) static SEEALSO: Spec = Spec { required: 0, optional: 1, options: NAMED, run: seealso, ..OPEN };
pub(super) static TODO: Spec = Spec { required: 0, optional: 1, options: NAMED, run: todo_note, ..OPEN };
pub(super) static ONLY: Spec = Spec { options: &[], restricted: false, run: only, ..OPEN };
pub(super) static INDEX: Spec =
    Spec { required: 0, optional: 1, options: &[("name", OptionKind::Text)], content: false, run: index, ..OPEN };
pub(super) static CENTERED: Spec = Spec { options: &[], content: false, run: centered, ..OPEN };
pub(super) static HLIST: Spec = Spec { required: 0, options: &[("columns", OptionKind::Int)], run: hlist, ..OPEN };
pub(super) static ACKS: Spec = Spec { required: 0, options: &[], run: acks, ..OPEN };
pub(super) static UNSEEN: Spec = Spec { options: &[], content: false, ..OPEN };
pub(super) static DEFAULT_DOMAIN: Spec = Spec { options: &[], content: false, run: default_domain, ..OPEN };
pub(super) static AUTODOC: Spec = Spec { required: 0, optional: 1, run: autodoc, ..OPEN };

fn seealso<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = note(parser, call, Kind::Seealso);
    parser.content(call, node);
    Ok(vec![node])
}

fn todo_note<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = note(parser, call, Kind::Admonition);
    let title = parser.doc.create(Kind::Title);
    parser.doc.add_text(title, "Todo");
    parser.doc.prepend(node, title);
    parser.doc.push(node, "classes", "admonition-todo");
    parser.content(call, node);
    Ok(vec![node])
}

/// An admonition whose first paragraph may stand on the line of the directive.
fn note<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, kind: Kind) -> NodeId {
    let node = parser.create_at(kind, call.place);
    parser.add_classes(call, node);
    parser.add_name(call, node);
    if let Some(text) = call.arguments.first() {
        let paragraph = parser.create_at(Kind::Paragraph, call.place);
        let messages = parser.inline(text, call.place, paragraph);
        parser.doc.append(node, paragraph);
        parser.append_all(node, messages);
    }
    node
}

fn only<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Only, call.place);
    parser.doc.set(node, "expr", call.arguments[0].as_str());
    let around = std::iter::once(call.body.node).chain(parser.doc.ancestors(call.body.node));
    let sections = around.filter(|&n| parser.doc.kind(n) == Kind::Section).count();
    let body = Body { node, titles: call.body.titles, level_offset: sections + call.body.level_offset };
    let content = std::mem::take(&mut call.content);
    parser.nested_body(content, call.content_place, body);
    Ok(vec![node])
}

fn index<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Index, call.place);
    let text = call.arguments.first().cloned().unwrap_or_default();
    index_entries(parser, node, text.lines());
    parser.add_name(call, node);
    Ok(vec![node])
}

/// Gives an index node its identifier and its entries: type, value and identifier, separated by NUL.
fn index_entries<'t>(parser: &mut Parser<'_>, node: NodeId, lines: impl Iterator<Item = &'t str>) {
    let id = format!("index-{}", parser.sphinx.indexed);
    parser.sphinx.indexed += 1;
    const TYPES: [&str; 6] = ["single", "pair", "triple", "see", "seealso", "double"];
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        let main = line.strip_prefix('!').map_or(line, str::trim_start);
        let typed = main.split_once(':').filter(|(kind, _)| TYPES.contains(&kind.trim()));
        match typed {
            Some((kind, value)) => parser.doc.push(node, "entries", format!("{}\0{}\0{id}", kind.trim(), value.trim())),
            None => {
                for value in main.split(',').map(str::trim).filter(|value| !value.is_empty()) {
                    parser.doc.push(node, "entries", format!("single\0{value}\0{id}"));
                }
            }
        }
    }
    parser.doc.push(node, "ids", id);
    parser.doc.set_id(node, None);
}

impl<'a> Parser<'a> {
    /// `:index:`: an entry, and its words in the text.
    pub(super) fn index_role(&mut self, using: &Use<'_>) -> Outcome {
        let (words, entry) = super::role::split_explicit(using.text);
        let node = self.doc.create(Kind::Index);
        index_entries(self, node, std::iter::once(entry.as_str()));
        let plain = entry.trim_start_matches('!').trim();
        let plain = plain.split_once(':').map_or(plain, |(_, rest)| rest.trim());
        let text = self.doc.create_text(words.as_deref().unwrap_or(plain));
        (vec![node, text], Vec::new())
    }
}

fn centered<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Centered, call.place);
    let text = call.arguments[0].clone();
    let messages = parser.inline(&text, call.place, node);
    Ok(std::iter::once(node).chain(messages).collect())
}

fn hlist<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let Some(list) = only_list(parser, call) else {
        return Ok(vec![parser.report(Level::Warning, ".. hlist content is not a list", call.place)]);
    };
    let columns = usize::try_from(call.number("columns").unwrap_or(2)).unwrap_or(2).max(1);
    let items: Vec<NodeId> = parser.doc.children(list).collect();
    let node = parser.create_at(Kind::Hlist, call.place);
    let mut rest = items.into_iter().peekable();
    let count = rest.len();
    for i in 0..columns.min(count) {
        let share = count / columns + usize::from(i < count % columns);
        let column = parser.doc.add(node, Kind::Hlistcol);
        let part = parser.doc.add(column, Kind::BulletList);
        for item in rest.by_ref().take(share) {
            parser.doc.append(part, item);
        }
    }
    Ok(vec![node])
}

fn acks<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let Some(list) = only_list(parser, call) else {
        return Ok(vec![parser.report(Level::Warning, ".. acks content is not a list", call.place)]);
    };
    let node = parser.create_at(Kind::Acks, call.place);
    parser.doc.append(node, list);
    Ok(vec![node])
}

/// The bullet list that is the whole content.
fn only_list<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Option<NodeId> {
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    let mut children = parser.doc.children(scratch);
    children.next().filter(|&n| parser.doc.kind(n) == Kind::BulletList && children.next().is_none())
}

fn default_domain<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    parser.sphinx.domain = Some(call.arguments[0].to_lowercase());
    Ok(Vec::new())
}

/// Directives that import the project's Python code, which this parser does not run: a note stands in their place.
fn autodoc<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Unsupported, call.place);
    parser.doc.set(node, "name", call.name.as_str());
    let what = call.arguments.first().map_or("", String::as_str);
    let text = format!("\"{}\" reads documentation out of Python code, which is not run here: {what}", call.name);
    let message = parser.report(Level::Warning, text.trim_end_matches([':', ' ']), call.place);
    parser.doc.append(node, message);
    Ok(vec![node])
}
