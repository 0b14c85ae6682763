//! Directives in fences (MyST, "Directives"): what reST alone knows is read as reST, the prose inside as Markdown.

use rst::{Document, Kind, NodeId};

use super::fence::{Parts, in_rst, take_apart};
use crate::markdown::builder::Builder;

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
            "list-table" => self.list_table(parts.argument, &parts.options, &parts.body, place, parts.body_line(line)),
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
        self.nested(&parts.body, parts.body_line(line), inside);
        let nodes: Vec<NodeId> = self.doc.children(inside).collect();
        self.doc.replace(paragraph, &nodes);
    }

    pub(super) fn read_rst(&self, text: &str) -> Document {
        rst::parse_only(text, &self.options.rst)
    }
}
