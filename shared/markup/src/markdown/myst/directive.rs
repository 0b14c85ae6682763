//! Directives in fences (MyST, "Directives"): ` ```{name} argument `, options as fields or YAML, a body.

use std::rc::Rc;

use rst::{Document, Kind, NodeId};

use crate::markdown::Options;
use crate::markdown::builder::{Builder, Frame, Opened};

/// Stands for the body in the reST that is written; a character for private use, which no author needs.
const BODY: &str = "\u{e000}";

/// Directives within directives.
const DEEPEST: usize = 12;

/// Directives whose body is no prose: it is handed to reST as it is.
const LITERAL: [&str; 40] = [
    "code",
    "code-block",
    "sourcecode",
    "code-cell",
    "literalinclude",
    "math",
    "parsed-literal",
    "csv-table",
    "raw",
    "include",
    "toctree",
    "productionlist",
    "graphviz",
    "digraph",
    "graph",
    "image",
    "contents",
    "sectnum",
    "section-numbering",
    "meta",
    "highlight",
    "index",
    "role",
    "default-role",
    "replace",
    "unicode",
    "date",
    "currentmodule",
    "module",
    "py:currentmodule",
    "py:module",
    "glossary",
    "line-block",
    "title",
    "header",
    "footer",
    "target-notes",
    "doctest",
    "testcode",
    "restructuredtext-test-directive",
];

/// Directives whose argument is the beginning of their text.
const TEXT_FIRST: [&str; 11] =
    ["attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning", "seealso", "centered"];

/// A fence taken apart.
struct Parts<'t> {
    name: &'t str,
    argument: &'t str,
    options: Vec<(String, String)>,
    body: String,
    /// Lines between the fence and the body.
    head: usize,
}

impl Builder<'_> {
    /// Puts what the directive means into the place of its fence.
    pub(in crate::markdown) fn directive(&mut self, fence: NodeId, info: &str) {
        let Some((name, argument)) = info.strip_prefix('{').and_then(|i| i.split_once('}')) else { return };
        if name.is_empty() || name.contains(char::is_whitespace) || self.directives >= DEEPEST {
            return;
        }
        let text = self.doc.text_of(fence);
        let line = self.doc.line(fence).unwrap_or(1);
        let parts = take_apart(name, argument.trim(), &text);
        let place = self.doc.create(Kind::Container);
        self.doc.insert_before(fence, place);
        self.doc.detach(fence);
        match name {
            "eval-rst" | "restructuredtext" => {
                let fragment = self.read_rst(&text);
                self.graft(&fragment, place, line);
            }
            "figure" | "figure-md" => self.figure(&parts, place, line),
            "table" => self.titled_table(&parts, place, line),
            "list-table" => {
                self.list_table(parts.argument, &parts.options, &parts.body, place, body_line(&parts, line))
            }
            _ => self.prose_or_literal(&parts, place, line),
        }
        let nodes: Vec<NodeId> = self.doc.children(place).collect();
        self.doc.replace(place, &nodes);
        self.grafted = true;
    }

    fn prose_or_literal(&mut self, parts: &Parts<'_>, place: NodeId, line: u32) {
        if LITERAL.contains(&parts.name) || parts.body.trim().is_empty() && !TEXT_FIRST.contains(&parts.name) {
            let name = if parts.name == "code-cell" { "code-block" } else { parts.name };
            let fragment = self.read_rst(&in_rst(name, parts.argument, &parts.options, &parts.body));
            return self.graft(&fragment, place, line);
        }
        let text_first = TEXT_FIRST.contains(&parts.name);
        let argument = if text_first { "" } else { parts.argument };
        let fragment = self.read_rst(&in_rst(parts.name, argument, &parts.options, BODY));
        self.graft(&fragment, place, line);
        let below: Vec<NodeId> = self.doc.descendants(place).collect();
        let found = below.into_iter().find(|&n| self.doc.kind(n) == Kind::Text && self.doc.text(n) == BODY);
        let Some(paragraph) = found.and_then(|n| self.doc.parent(n)) else { return };
        let inside = self.doc.create(Kind::Container);
        if text_first && !parts.argument.is_empty() {
            self.nested(parts.argument, line, inside);
        }
        self.nested(&parts.body, body_line(parts, line), inside);
        let nodes: Vec<NodeId> = self.doc.children(inside).collect();
        self.doc.replace(paragraph, &nodes);
    }

    /// The first paragraph is the caption, the rest the legend; in `figure-md` the image stands in the body.
    fn figure(&mut self, parts: &Parts<'_>, place: NodeId, line: u32) {
        let inside = self.doc.create(Kind::Container);
        self.nested(&parts.body, body_line(parts, line), inside);
        let mut nodes: Vec<NodeId> = self.doc.children(inside).collect();
        let figure = if parts.name == "figure-md" {
            let figure = self.doc.add(place, Kind::Figure);
            if !parts.argument.is_empty() {
                self.doc.push(figure, "names", rst::doctree::names::normalize(parts.argument));
                self.doc.note_explicit_target(figure, None);
            }
            if !nodes.is_empty() {
                let first = nodes.remove(0);
                match self.doc.first_child(first).filter(|&n| self.doc.kind(n) == Kind::Image) {
                    Some(image) => self.doc.append(figure, image),
                    None => self.doc.append(figure, first),
                }
            }
            figure
        } else {
            let fragment = self.read_rst(&in_rst("figure", parts.argument, &parts.options, ""));
            self.graft(&fragment, place, line);
            let Some(figure) = self.doc.children(place).find(|&n| self.doc.kind(n) == Kind::Figure) else { return };
            figure
        };
        let mut nodes = nodes.into_iter();
        if let Some(caption) = nodes.next() {
            if self.doc.kind(caption) == Kind::Paragraph {
                self.doc.set_kind(caption, Kind::Caption);
            }
            self.doc.append(figure, caption);
        }
        let rest: Vec<NodeId> = nodes.collect();
        if !rest.is_empty() {
            let legend = self.doc.add(figure, Kind::Legend);
            rest.into_iter().for_each(|n| self.doc.append(legend, n));
        }
    }

    fn titled_table(&mut self, parts: &Parts<'_>, place: NodeId, line: u32) {
        self.nested(&parts.body, body_line(parts, line), place);
        let table = self.doc.children(place).find(|&n| self.doc.kind(n) == Kind::Table);
        if let Some(table) = table {
            self.head_table(table, parts.argument, &parts.options);
        }
    }

    /// Title, name, classes and alignment of a table.
    pub(super) fn head_table(&mut self, table: NodeId, title: &str, options: &[(String, String)]) {
        if !title.is_empty() {
            let node = self.doc.create(Kind::Title);
            self.doc.prepend(table, node);
            self.inline_into(title, node);
        }
        for (key, value) in options {
            match key.as_str() {
                "name" => {
                    self.doc.push(table, "names", rst::doctree::names::normalize(value));
                    self.doc.note_explicit_target(table, None);
                }
                "class" => value
                    .split_whitespace()
                    .for_each(|class| self.doc.add_class(table, &rst::doctree::names::make_id(class))),
                "align" => self.doc.set(table, "align", value.as_str()),
                _ => {}
            }
        }
    }

    pub(super) fn read_rst(&self, text: &str) -> Document {
        rst::parse_only(text, &self.options.rst)
    }

    /// Reads Markdown into an element, with the books of this page.
    pub(super) fn nested(&mut self, body: &str, line: u32, into: NodeId) {
        let body = super::fences(body);
        let lines_before = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
        let options = Options { lines_before, ..*self.options };
        let mut inner = Builder::new(&body, &options);
        self.lend(&mut inner);
        inner.stack.push(Frame { node: into, opened: Opened::Event });
        inner.read();
        inner.close_implied();
        self.take_back(&mut inner);
    }

    /// Reads one line of Markdown into a text element.
    pub(super) fn inline_into(&mut self, text: &str, into: NodeId) {
        let inside = self.doc.create(Kind::Container);
        self.nested(text, self.line(), inside);
        let first = self.doc.first_child(inside);
        if let Some(paragraph) = first.filter(|&n| self.doc.kind(n) == Kind::Paragraph) {
            self.doc.move_children(paragraph, into);
        } else {
            self.doc.add_text(into, text);
        }
    }

    fn lend(&mut self, inner: &mut Builder<'_>) {
        std::mem::swap(&mut self.doc, &mut inner.doc);
        std::mem::swap(&mut self.notes, &mut inner.notes);
        std::mem::swap(&mut self.note_order, &mut inner.note_order);
        std::mem::swap(&mut self.slugs, &mut inner.slugs);
        inner.links = Rc::clone(&self.links);
        inner.directives = self.directives + 1;
        inner.grafted = self.grafted;
    }

    fn take_back(&mut self, inner: &mut Builder<'_>) {
        std::mem::swap(&mut self.doc, &mut inner.doc);
        std::mem::swap(&mut self.notes, &mut inner.notes);
        std::mem::swap(&mut self.note_order, &mut inner.note_order);
        std::mem::swap(&mut self.slugs, &mut inner.slugs);
        self.grafted |= inner.grafted;
    }
}

fn body_line(parts: &Parts<'_>, line: u32) -> u32 {
    line + 1 + u32::try_from(parts.head).unwrap_or(0)
}

/// Parts options from body: fields at the top, or a block between two `---`.
fn take_apart<'t>(name: &'t str, argument: &'t str, text: &str) -> Parts<'t> {
    let mut options = Vec::new();
    let mut head = 0;
    let lines: Vec<&str> = text.lines().collect();
    if lines.first().is_some_and(|l| l.trim() == "---")
        && let Some(end) = lines.iter().skip(1).position(|l| l.trim() == "---")
    {
        for line in &lines[1..=end] {
            if let Some((key, value)) = line.split_once(':') {
                options.push((key.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()));
            }
        }
        head = end + 2;
    } else {
        while let Some((key, value)) = lines.get(head).and_then(|l| field(l)) {
            options.push((key.to_owned(), value.to_owned()));
            head += 1;
        }
    }
    let body: String = lines[head..].iter().flat_map(|l| [*l, "\n"]).collect();
    Parts { name, argument, options, body, head }
}

/// `:key: value`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().strip_prefix(':')?.split_once(':')?;
    let sound = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (sound && (value.is_empty() || value.starts_with(' '))).then(|| (key, value.trim()))
}

/// The directive as reST writes it.
fn in_rst(name: &str, argument: &str, options: &[(String, String)], body: &str) -> String {
    let mut out = format!(".. {name}:: {argument}\n");
    for (key, value) in options {
        out.push_str(&format!("   :{key}: {value}\n"));
    }
    out.push('\n');
    for line in body.lines() {
        if !line.trim().is_empty() {
            out.push_str("   ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_taken_apart() {
        let parts = take_apart("x", "", ":a: 1\n:b:\n\nbody\n:c: no\n");
        assert_eq!(parts.options, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())]);
        assert_eq!((parts.body.as_str(), parts.head), ("\nbody\n:c: no\n", 2));
        let parts = take_apart("x", "", "---\na: \"1\"\n---\nbody");
        assert_eq!((parts.options.len(), parts.body.as_str(), parts.head), (1, "body\n", 3));
        assert_eq!(take_apart("x", "", "::not: x\n").options.len(), 0);
    }

    #[test]
    fn directives_are_written_in_rst() {
        let options = [("class".to_owned(), "x".to_owned())];
        assert_eq!(in_rst("note", "A", &options, "b\n\n c"), ".. note:: A\n   :class: x\n\n   b\n\n    c\n");
    }
}
