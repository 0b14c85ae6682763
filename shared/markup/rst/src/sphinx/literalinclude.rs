//! Files shown as code (Sphinx documentation, directive `literalinclude`).

use super::code_block::{block, dedent, line_numbers};
use crate::directive::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::{Level, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static LITERAL_INCLUDE: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[
        ("dedent", OptionKind::LineNumbers),
        ("linenos", OptionKind::Flag),
        ("lineno-start", OptionKind::Int),
        ("lineno-match", OptionKind::Flag),
        ("tab-width", OptionKind::Int),
        ("language", OptionKind::Required),
        ("force", OptionKind::Flag),
        ("encoding", OptionKind::Encoding),
        ("pyobject", OptionKind::Required),
        ("lines", OptionKind::Required),
        ("start-after", OptionKind::Required),
        ("end-before", OptionKind::Required),
        ("start-at", OptionKind::Required),
        ("end-at", OptionKind::Required),
        ("prepend", OptionKind::Required),
        ("append", OptionKind::Required),
        ("emphasize-lines", OptionKind::Required),
        ("caption", OptionKind::Text),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
    ],
    content: false,
    restricted: false,
    run: literal_include,
};

fn literal_include<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let path: String = call.arguments[0].lines().map(str::trim).collect();
    let file = parser.read_file(call, &path)?;
    let text = match call.number("tab-width").and_then(|width| usize::try_from(width).ok()) {
        Some(width) => lines::expand_tabs(&file.text, width),
        None => file.text,
    };
    let all: Vec<&str> = text.lines().collect();
    let picked = pick(call, &all).map_err(|what| Fault {
        level: Level::Warning,
        text: format!("\"{}\" directive: {what} in \"{}\".", call.name, file.path),
    })?;
    let first = picked.first().map(|i| i64::try_from(i + 1).unwrap_or(1)).filter(|_| call.has("lineno-match"));
    let mut shown: Vec<&str> = picked.iter().map(|&i| all[i]).collect();
    let dedented;
    if let Some(value) = call.option("dedent") {
        let columns = if let Value::Int(columns) = value { usize::try_from(*columns).ok() } else { None };
        dedented = dedent(&shown.join("\n"), columns);
        shown = dedented.split('\n').collect();
    }
    if let Some(line) = call.text("prepend") {
        shown.insert(0, line);
    }
    if let Some(line) = call.text("append") {
        shown.push(line);
    }
    let shown = shown.join("\n");
    if call.text("caption") == Some("") {
        let caption = ("caption".to_owned(), Value::Text(path));
        call.options.retain(|(name, _)| name != "caption");
        call.options.push(caption);
    }
    let language = call.text("language").map(str::to_owned);
    let node = block(parser, call, &shown, language.as_deref(), first);
    parser.doc.set(node, "source", file.path);
    Ok(vec![node])
}

/// The numbers of the lines that the options ask for; the error says what was not found.
fn pick(call: &Call<'_, '_>, all: &[&str]) -> Result<Vec<usize>, String> {
    let mut range = match call.text("pyobject") {
        Some(name) => python_object(all, name).ok_or_else(|| format!("object named \"{name}\" not found"))?,
        None => 0..all.len(),
    };
    let find = |text: &str, from: usize, to: usize| {
        let at = all[from..to].iter().position(|line| line.contains(text));
        at.map(|at| at + from).ok_or_else(|| format!("no line with \"{text}\""))
    };
    if let Some(text) = call.text("start-at") {
        range.start = find(text, range.start, range.end)?;
    } else if let Some(text) = call.text("start-after") {
        range.start = find(text, range.start, range.end)? + 1;
    }
    if let Some(text) = call.text("end-at") {
        range.end = find(text, range.start, range.end)? + 1;
    } else if let Some(text) = call.text("end-before") {
        range.end = find(text, range.start, range.end)?;
    }
    Ok(match call.text("lines") {
        Some(text) => line_numbers(text, range.len()).into_iter().map(|n| range.start + n - 1).collect(),
        None => range.collect(),
    })
}

/// The lines of a Python class or function; `A.b` is `b` inside `A`.
fn python_object(all: &[&str], name: &str) -> Option<std::ops::Range<usize>> {
    let mut range = 0..all.len();
    let indent = |line: &str| line.len() - line.trim_start().len();
    for part in name.split('.') {
        let is_start = |line: &str| {
            let line = line.trim_start().trim_start_matches("async ");
            let rest = line.strip_prefix("def ").or_else(|| line.strip_prefix("class "));
            rest.and_then(|rest| rest.trim_start().strip_prefix(part))
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        let start = range.clone().find(|&i| is_start(all[i]))?;
        let depth = indent(all[start]);
        let end = (start + 1..range.end).find(|&i| !all[i].trim().is_empty() && indent(all[i]) <= depth);
        let mut end = end.unwrap_or(range.end);
        while end > start + 1 && all[end - 1].trim().is_empty() {
            end -= 1;
        }
        let decorated = (range.start..start).rev().take_while(|&i| all[i].trim_start().starts_with('@')).last();
        range = decorated.unwrap_or(start)..end;
    }
    Some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_objects_are_cut_out() {
        let all: Vec<&str> =
            "import a\nclass A:\n    x = 1\n\n    @p\n    def b(self):\n        pass\n\ndef c():\n    pass"
                .lines()
                .collect();
        assert_eq!(python_object(&all, "A"), Some(1..7));
        assert_eq!(python_object(&all, "A.b"), Some(4..7));
        assert_eq!(python_object(&all, "d"), None);
    }
}
