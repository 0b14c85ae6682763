//! Literal blocks and doctest blocks, coloured by the caller (reStructuredText specification, "Literal Blocks", "Doctest
//! Blocks"; Sphinx's `code-block` and `highlight`).

use super::{Then, Writer, close, escape_into};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn literal_block(&mut self, node: NodeId) -> Then {
        // `leave` takes it back.
        self.unlinkable += 1;
        let plain = self.doc.children(node).all(|n| self.doc.kind(n) == Kind::Text);
        if plain {
            let language = self.language_of(node).unwrap_or_else(|| self.language.clone());
            self.code_block(node, &language);
            return Then::Done;
        }
        self.open("pre", node, &["literal-block"]);
        close("</pre>\n")
    }

    /// A session in Python's shell.
    pub(super) fn doctest_block(&mut self, node: NodeId) -> Then {
        self.code_block(node, "pycon");
        Then::Done
    }

    /// `highlight` shows nothing: it names the language of the blocks that follow and name none.
    pub(super) fn highlight(&mut self, node: NodeId) -> Then {
        self.language = self.doc.get(node, "lang").unwrap_or_default().to_owned();
        Then::Done
    }

    /// Sphinx notes the language as an attribute, docutils as the class after `code`.
    fn language_of(&self, node: NodeId) -> Option<String> {
        if let Some(language) = self.doc.get(node, "language") {
            return Some(language.to_owned());
        }
        match self.doc.classes(node) {
            [code, language, ..] if code == "code" => Some(language.clone()),
            [code] if code == "code" => Some(String::new()),
            _ => None,
        }
    }

    fn code_block(&mut self, node: NodeId, language: &str) {
        let code = self.doc.text_of(node);
        let bare = self.bare();
        let coloured = if bare { None } else { self.options.hooks.code(&code, language) };
        self.begin("pre", node, if language.is_empty() { &[] } else { &["code"] });
        // A wide block scrolls, and what scrolls must be reachable with the keyboard (WCAG 2.1.1).
        self.out.push_str(if bare { "><code" } else { " tabindex=\"0\"><code" });
        if !language.is_empty() {
            self.out.push_str(" class=\"language-");
            escape_into(&mut self.out, language);
            self.out.push('"');
        }
        self.end();
        self.more_ids(node);
        let mut inner = coloured.unwrap_or_else(|| super::escape(&code));
        if self.doc.has(node, "linenos") || self.doc.has(node, "highlight_lines") {
            inner = self.numbered(node, &inner);
        }
        self.out.push_str(&inner);
        self.out.push_str("</code></pre>\n");
    }

    /// Lines with their numbers, those to be emphasised marked; a line whose colours run over its end stays unmarked.
    fn numbered(&self, node: NodeId, inner: &str) -> String {
        let first = self.doc.int(node, "lineno_start").unwrap_or(1);
        let marked: Vec<i64> = self.doc.list(node, "highlight_lines").iter().filter_map(|l| l.parse().ok()).collect();
        let numbers = self.doc.has(node, "linenos");
        let mut out = String::with_capacity(inner.len() * 5 / 4);
        for (line, number) in inner.split_inclusive('\n').zip(1..) {
            if numbers {
                out.push_str(&format!("<span class=\"ln\" aria-hidden=\"true\">{}</span>", first + number - 1));
            }
            let closed = line.matches("<span").count() == line.matches("</span").count();
            if marked.contains(&number) && closed {
                let text = line.trim_end_matches('\n');
                out.push_str(&format!("<mark class=\"hll\">{text}</mark>{}", &line[text.len()..]));
            } else {
                out.push_str(line);
            }
        }
        out
    }
}
