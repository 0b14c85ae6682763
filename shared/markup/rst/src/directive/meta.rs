//! Metadata of the document ("reStructuredText Directives", section "Metadata").

use super::{Call, Fault, Spec};
use crate::block::field_list;
use crate::doctree::{Kind, Level, NodeId};
use crate::inline::unescape;
use crate::lines::{Cut, Lines};
use crate::parser::Parser;

pub(super) static META: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[],
    content: true,
    restricted: false,
    run: meta,
};

fn meta<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.need_content()?;
    let mut lines = Lines::new(std::mem::take(&mut call.content), call.content_place);
    let mut nodes = Vec::new();
    loop {
        while lines.current().is_some_and(|line| line.is_blank()) {
            lines.at += 1;
        }
        let Some(line) = lines.current() else { break };
        let Some(end) = field_list::marker(line.text) else { break };
        nodes.push(meta_field(parser, &mut lines, line.text, end));
    }
    if lines.at < lines.all.len() {
        nodes.push(parser.report_with(Level::Error, "Invalid meta directive.", call.place, &call.source));
    }
    nodes.into_iter().for_each(|node| parser.doc.insert_below_titles(node));
    Ok(Vec::new())
}

fn meta_field<'a>(parser: &mut Parser<'a>, lines: &mut Lines<'a>, line: &str, end: usize) -> NodeId {
    let name = unescape(field_list::name(line, end));
    let taken = lines.take(Cut { first: Some(end), ..Cut::default() });
    let outer = parser.outer;
    if taken.lines.is_empty() {
        return parser.report_with(Level::Info, &format!("No content for meta tag \"{name}\"."), outer, line);
    }
    let content: Vec<&str> = taken.lines.iter().map(|line| line.text).collect();
    let node = parser.doc.create(Kind::Meta);
    parser.doc.set(node, "content", unescape(&content.join(" ")));
    let mut words = name.split_whitespace();
    let first = words.next().unwrap_or("");
    match name_value(first) {
        Ok((key, value)) => parser.doc.set(node, key, value),
        Err(_) => parser.doc.set(node, "name", first),
    }
    for word in words {
        match name_value(word) {
            Ok((key, value)) => parser.doc.set(node, key, value),
            Err(fault) => {
                let text = format!("Error parsing meta tag attribute \"{word}\": {fault}.");
                return parser.report_with(Level::Error, &text, outer, line);
            }
        }
    }
    node
}

/// The parts of `name=value`, whose value may be quoted.
fn name_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("missing \"=\"")?;
    let name = name.trim().to_lowercase();
    if name.is_empty() {
        return Err("missing attribute name before \"=\"".to_owned());
    }
    let Some(quote) = value.chars().next() else { return Err(format!("missing value after \"{name}=\"")) };
    if quote != '"' && quote != '\'' {
        return Ok((name, value.to_owned()));
    }
    match value[1..].split_once(quote) {
        None => Err(format!("attribute \"{name}\" missing end quote ({quote})")),
        Some((_, after)) if !after.is_empty() => {
            Err(format!("attribute \"{name}\" end quote ({quote}) not followed by whitespace"))
        }
        Some((value, _)) => Ok((name, value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_meta_fields() {
        assert_eq!(name_value("lang=en"), Ok(("lang".into(), "en".into())));
        assert_eq!(name_value("a='b'"), Ok(("a".into(), "b".into())));
        assert_eq!(name_value("a"), Err("missing \"=\"".into()));
        assert_eq!(name_value("a='b"), Err("attribute \"a\" missing end quote (')".into()));
    }
}
