//! Inclusion of files ("reStructuredText Directives", section "Including an External Document Fragment").

use super::code::{literal_code, number_lines};
use super::{Call, Fault, OptionKind, Spec, Value};
use crate::block::explicit::END_OF_INCLUSION;
use crate::doctree::{Kind, NodeId};
use crate::file::File;
use crate::lines::{self, Line};
use crate::options::Profile;
use crate::parser::{Body, Parser};

pub(super) static INCLUDE: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[
        ("literal", OptionKind::Flag),
        ("code", OptionKind::Text),
        ("encoding", OptionKind::Encoding),
        ("parser", OptionKind::Choice(&["rst", "restructuredtext"])),
        ("tab-width", OptionKind::Int),
        ("start-line", OptionKind::Int),
        ("end-line", OptionKind::Int),
        ("start-after", OptionKind::Text),
        ("end-before", OptionKind::Text),
        ("number-lines", OptionKind::LineNumbers),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
    ],
    content: false,
    restricted: true,
    run: include,
};

impl<'a> Parser<'a> {
    /// Reads a file that a directive names, when files may be read and the bounds allow it.
    pub(crate) fn read_file(&mut self, call: &Call<'a, '_>, path: &str) -> Result<File, Fault> {
        if self.options.profile == Profile::Restricted {
            return Err(Fault::warning(format!("\"{}\" directive disabled.", call.name)));
        }
        let from = self.doc.source_name(call.place.source).to_owned();
        let file = self
            .options
            .files
            .read(path, &from, call.text("encoding"))
            .map_err(|fault| Fault::error(format!("Problems with \"{}\" directive path:\n{fault}", call.name)))?;
        self.read = self.read.saturating_add(file.text.len());
        if self.read > self.options.limits.size {
            let text = format!(
                "Problems with \"{}\" directive path:\nThe document would be longer than {} bytes.",
                call.name, self.options.limits.size
            );
            return Err(Fault::error(text));
        }
        Ok(file)
    }
}

fn include<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let path: String = call.arguments[0].lines().map(str::trim).collect();
    let file = parser.read_file(call, &path)?;
    let text = clip(call, file.text)?;
    let tab_width = call.number("tab-width");
    let expanded = |text: &str| match tab_width {
        Some(width) if width < 0 => text.to_owned(),
        Some(width) => lines::expand_tabs(text, usize::try_from(width).unwrap_or(8)),
        None => lines::expand_tabs(text, parser.options.tab_width),
    };
    if call.has("literal") {
        let text = expanded(&text);
        return Ok(vec![literal(parser, call, &text, &file.path)]);
    }
    if let Some(language) = call.text("code").map(str::to_owned) {
        let text = expanded(&text);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let block = literal_code(parser, call, text, &language, 1);
        parser.doc.set(block, "source", file.path);
        return Ok(vec![block]);
    }
    let width = tab_width.and_then(|width| usize::try_from(width).ok()).unwrap_or(parser.options.tab_width);
    if call.has("parser") {
        return Ok(parse_apart(parser, call, &text, file.path, width));
    }
    insert(parser, call, &text, file.path, width)?;
    Ok(Vec::new())
}

fn literal<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, text: &str, path: &str) -> NodeId {
    let block = parser.create_at(Kind::LiteralBlock, call.place);
    parser.doc.set(block, "source", path);
    parser.doc.set(block, "xml:space", "preserve");
    parser.add_classes(call, block);
    parser.add_name(call, block);
    match call.option("number-lines") {
        Some(value) => {
            let first = if let Value::Int(first) = value { *first } else { 1 };
            let text = text.strip_suffix('\n').unwrap_or(text);
            number_lines(&mut parser.doc, block, text, first, text.lines().count());
        }
        None => drop(parser.doc.add_text(block, text)),
    }
    block
}

/// The part of a text that the options ask for.
fn clip(call: &Call<'_, '_>, mut text: String) -> Result<String, Fault> {
    let (start, end) = (call.number("start-line").unwrap_or(0), call.number("end-line"));
    if start != 0 || end.is_some() {
        let lines: Vec<&str> = text.lines().collect();
        let at = |index: i64| {
            let length = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            let index = if index < 0 { index.saturating_add(length) } else { index };
            usize::try_from(index.clamp(0, length)).unwrap_or(0)
        };
        let (from, to) = (at(start), end.map_or(lines.len(), at));
        text = lines.get(from..to.max(from)).unwrap_or(&[]).join("\n");
    }
    let missing = |option: &str| {
        Fault::error(format!("Problem with \"{option}\" option of \"{}\" directive:\nText not found.", call.name))
    };
    if let Some(mark) = call.text("start-after") {
        let mark = if mark.is_empty() { "\n\n" } else { mark };
        let at = text.find(mark).ok_or_else(|| missing("start-after"))?;
        text = text.split_off(at + mark.len());
    }
    match call.text("end-before") {
        Some("") => {
            if let Some(at) = text.find("\n\n").filter(|at| *at > 0) {
                text.truncate(at + 1);
            }
        }
        Some(mark) => {
            let at = text.find(mark).ok_or_else(|| missing("end-before"))?;
            text.truncate(at);
        }
        None => {}
    }
    Ok(text)
}

/// Has the lines of a file read after the directive.
fn insert<'a>(
    parser: &mut Parser<'a>,
    call: &mut Call<'a, '_>,
    text: &str,
    path: String,
    tab_width: usize,
) -> Result<(), Fault> {
    let source = parser.doc.source_number(&path);
    let text: &'a str = parser.arena.alloc_str(text);
    let mut read = lines::split(text, source, tab_width, parser.arena);
    if let Some(line) = lines::too_long(&read, &parser.options.limits) {
        let line = i64::try_from(line).unwrap_or(0) + call.number("start-line").unwrap_or(0);
        return Err(Fault::warning(format!("\"{path}\": line {line} exceeds the line-length-limit.")));
    }
    if parser.includes.is_empty() {
        parser.includes.push((parser.options.source.to_owned(), String::new()));
    }
    let clipped: Vec<String> = ["start-line", "end-line", "start-after", "end-before"]
        .iter()
        .map(|option| format!("{:?}", call.option(option)))
        .collect();
    let clipped = if clipped.iter().all(|c| c == "None") { String::new() } else { clipped.join(" ") };
    let entry = (path.clone(), clipped);
    if parser.includes.contains(&entry) {
        let chain: Vec<&str> =
            std::iter::once(path.as_str()).chain(parser.includes.iter().rev().map(|(path, _)| path.as_str())).collect();
        let text = format!("circular inclusion in \"{}\" directive:\n{}", call.name, chain.join("\n> "));
        return Err(Fault::warning(text));
    }
    if parser.includes.len() > parser.options.limits.include_depth as usize {
        let text = format!("Includes are nested deeper than {} files.", parser.options.limits.include_depth);
        return Err(Fault::warning(text));
    }
    parser.includes.push(entry);
    let last = read.last().map_or(call.place, |line| line.place);
    let end: &'a str = parser.arena.alloc_str(&format!(".. {END_OF_INCLUSION}{path}\""));
    let blank = |place| Line { text: "", place };
    read.insert(0, blank(call.last));
    read.push(blank(last.down(1)));
    read.push(Line { text: end, place: last.down(2) });
    read.push(blank(last.down(3)));
    call.insert = read;
    Ok(())
}

/// Parses a file as a document of its own, with title styles of its own, into the place of the directive.
fn parse_apart<'a>(
    parser: &mut Parser<'a>,
    call: &mut Call<'a, '_>,
    text: &str,
    path: String,
    width: usize,
) -> Vec<NodeId> {
    let source = parser.doc.source_number(&path);
    let text: &'a str = parser.arena.alloc_str(text);
    let read = lines::split(text, source, width, parser.arena);
    let outermost = parser.includes.is_empty();
    if outermost {
        parser.includes.push((path, String::new()));
    }
    let place = read.first().map_or(call.place, |line| line.place);
    let styles = std::mem::take(&mut parser.styles);
    let scratch = parser.doc.create(Kind::Document);
    parser.nested_body(read, place, Body { node: scratch, titles: true, level_offset: 0 });
    parser.styles = styles;
    if outermost {
        parser.includes.clear();
    }
    parser.doc.children(scratch).collect()
}
