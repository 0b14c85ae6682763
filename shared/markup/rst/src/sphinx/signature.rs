//! Signatures: Python's and JavaScript's by their parts, C's by its name (Sphinx documentation, "The Python Domain").

use super::object::annotations;
use crate::directive::Call;
use crate::doctree::{Document, Kind, NodeId};

/// A signature taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// What stands before the name: a type in C.
    pub before: String,
    /// The dotted path before the name.
    pub prefix: String,
    pub name: String,
    /// The text in the parentheses, when there are any.
    pub parameters: Option<String>,
    pub returns: Option<String>,
    /// What stands after all that.
    pub after: String,
}

/// The end of the bracket that opens at the start of a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// A Python signature: `module.name(parameters) -> result`.
pub(super) fn python(line: &str) -> Shape {
    let line = line.trim().trim_start_matches('@');
    let end = line.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(line.len());
    let path = &line[..end];
    let cut = path.trim_end_matches('.').rfind('.').map_or(0, |at| at + 1);
    let mut shape = Shape { prefix: path[..cut].to_owned(), name: path[cut..].to_owned(), ..Shape::default() };
    let mut rest = line[end..].trim_start();
    if rest.starts_with('[')
        && !shape.name.is_empty()
        && let Some(close) = closing(rest)
    {
        shape.name.push_str(&rest[..=close]);
        rest = rest[close + 1..].trim_start();
    }
    if rest.starts_with('(') {
        let close = closing(rest).unwrap_or(rest.len());
        shape.parameters = Some(rest[1..close].to_owned());
        rest = rest.get(close + 1..).unwrap_or("").trim_start();
    }
    match rest.strip_prefix("->") {
        Some(returns) => shape.returns = Some(returns.trim().to_owned()),
        None => shape.after = rest.to_owned(),
    }
    if shape.name.is_empty() && shape.parameters.is_none() {
        return Shape { name: line.to_owned(), ..Shape::default() };
    }
    shape
}

/// A C or C++ declaration: `type name(parameters)`.
pub(super) fn c(line: &str) -> Shape {
    let line = line.trim().trim_end_matches(';');
    let open = line.find('(');
    let head = &line[..open.unwrap_or_else(|| line.find([' ', '=']).map_or(line.len(), |_| declared_end(line)))];
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '~';
    let trimmed = head.trim_end();
    let start = trimmed.char_indices().rev().take_while(|(_, c)| is_name(*c)).last().map_or(trimmed.len(), |(i, _)| i);
    let mut shape =
        Shape { before: trimmed[..start].to_owned(), name: trimmed[start..].to_owned(), ..Shape::default() };
    let mut rest = &line[head.len()..];
    if rest.starts_with('(') {
        let close = closing(rest).unwrap_or(rest.len());
        shape.parameters = Some(rest[1..close.min(rest.len())].to_owned());
        rest = rest.get(close + 1..).unwrap_or("");
    }
    shape.after = rest.to_owned();
    if shape.name.is_empty() {
        return Shape { name: line.to_owned(), ..Shape::default() };
    }
    shape
}

/// Where the declared name of a variable ends: before a value or an array.
fn declared_end(line: &str) -> usize {
    line.find(" = ").or_else(|| line.find('[')).unwrap_or(line.len())
}

/// The parameters, split at commas outside brackets; a group in brackets is optional.
fn split_parameters(text: &str) -> Vec<String> {
    let (mut out, mut depth, mut start, mut quote) = (Vec::new(), 0_i32, 0, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                out.push(text[start..i].trim().to_owned());
                start = i + 1;
            }
            _ => {}
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        out.push(last.to_owned());
    }
    out
}

/// Writes a signature as nodes.
pub(super) fn write(
    doc: &mut Document,
    node: NodeId,
    (domain, kind): (&str, &str),
    shape: &Shape,
    call: &Call<'_, '_>,
) {
    for word in annotations(call, domain, kind) {
        doc.add_with_text(node, Kind::DescAnnotation, word);
    }
    if !shape.before.is_empty() {
        doc.add_with_text(node, Kind::DescType, &shape.before);
    }
    if !shape.prefix.is_empty() {
        doc.add_with_text(node, Kind::DescAddname, &shape.prefix);
    }
    doc.add_with_text(node, Kind::DescName, &shape.name);
    if let Some(parameters) = &shape.parameters {
        let list = doc.add(node, Kind::DescParameterlist);
        write_parameters(doc, list, parameters, 0);
    }
    if let Some(returns) = &shape.returns {
        doc.add_with_text(node, Kind::DescReturns, returns);
    }
    if !shape.after.is_empty() {
        doc.add_with_text(node, Kind::DescAnnotation, &shape.after);
    }
    for (option, sign) in [("type", ": "), ("value", " = ")] {
        if let Some(text) = call.text(option).filter(|_| matches!(domain, "py" | "js")) {
            doc.add_with_text(node, Kind::DescAnnotation, &format!("{sign}{text}"));
        }
    }
}

/// Parameters as nodes; `a[, b[, c]]` nests its optional parts.
fn write_parameters(doc: &mut Document, list: NodeId, text: &str, depth: u32) {
    let mut rest = text.trim();
    let optional = rest.char_indices().find(|&(i, c)| c == '[' && is_optional(rest, i));
    let Some((open, _)) = optional.filter(|_| depth < 16) else {
        for parameter in split_parameters(rest) {
            doc.add_with_text(list, Kind::DescParameter, &parameter);
        }
        return;
    };
    for parameter in split_parameters(&rest[..open]) {
        doc.add_with_text(list, Kind::DescParameter, &parameter);
    }
    let close = closing(&rest[open..]).map_or(rest.len(), |close| close + open);
    let inner = rest[open + 1..close].trim().trim_start_matches(',').trim_end_matches(',').to_owned();
    let group = doc.add(list, Kind::DescOptional);
    write_parameters(doc, group, &inner, depth + 1);
    rest = rest.get(close + 1..).unwrap_or("").trim_start_matches([',', ' ']);
    if !rest.is_empty() {
        write_parameters(doc, list, rest, depth + 1);
    }
}

/// True for a bracket that opens an optional group: a comma follows, or it stands where a parameter begins.
fn is_optional(text: &str, open: usize) -> bool {
    let after = text[open + 1..].trim_start();
    let before = text[..open].trim_end();
    after.starts_with(',') || before.is_empty() || before.ends_with(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_signatures_fall_apart() {
        let shape = python("os.path.join(path, *paths) -> str");
        assert_eq!((shape.prefix.as_str(), shape.name.as_str()), ("os.path.", "join"));
        assert_eq!(shape.parameters.as_deref(), Some("path, *paths"));
        assert_eq!(shape.returns.as_deref(), Some("str"));
        assert_eq!(python("name").parameters, None);
        assert_eq!(python("f(a=')')").parameters.as_deref(), Some("a=')'"));
    }

    #[test]
    fn c_declarations_fall_apart() {
        let shape = c("PyObject *PyList_New(Py_ssize_t len)");
        assert_eq!((shape.before.as_str(), shape.name.as_str()), ("PyObject *", "PyList_New"));
        assert_eq!(c("int x").name, "x");
        assert_eq!(c("MACRO").name, "MACRO");
    }

    #[test]
    fn optional_parameters_nest() {
        let mut doc = Document::new("t");
        let root = doc.root();
        let list = doc.add(root, Kind::DescParameterlist);
        write_parameters(&mut doc, list, "a[, b[, c]]", 0);
        let kinds: Vec<_> = doc.descendants(list).map(|n| doc.kind(n)).filter(|k| *k != Kind::Text).collect();
        use Kind::{DescOptional as O, DescParameter as P};
        assert_eq!(kinds, [Kind::DescParameterlist, P, O, P, O, P]);
    }
}
