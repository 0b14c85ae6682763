//! Substitution definitions (reStructuredText specification, "Substitution Definitions").

use super::{Construct, directive};
use crate::doctree::names::collapse;
use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{self, Cut, Line, Lines, Place};
use crate::parser::Parser;

/// The name before the closing bar and the bytes up to the content; `text` stands after the opening bar.
fn name(text: &str) -> Option<(&str, usize)> {
    let mut escaped = false;
    let mut last_space = false;
    for (i, c) in text.char_indices() {
        if c == '|'
            && !escaped
            && !last_space
            && i > 0
            && let Some(end) = super::super::marker_end(text, i + 1)
        {
            return Some((&text[..i], end));
        }
        escaped = c == '\\' && !escaped;
        last_space = c.is_whitespace();
    }
    None
}

impl<'a> Parser<'a> {
    pub(super) fn substitution_definition(&mut self, lines: &mut Lines<'a>, end: usize) -> Option<Construct> {
        let place = lines.here();
        let start = lines.get(lines.at).unwrap_or("");
        let taken = lines.take(Cut { first: Some(end), keep_indent: true, ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        let source = format!("{}{}", &start[..end], lines::join(&taken.lines));
        let mut joined = taken.lines.first()?.text.trim_end().to_owned();
        let mut used = 0;
        let (label, rest) = loop {
            if let Some((label, end)) = name(&joined) {
                break (label.to_owned(), joined[end..].trim().to_owned());
            }
            used += 1;
            joined = format!("{joined} {}", taken.lines.get(used)?.text.trim());
        };
        let mut block: Vec<Line<'a>> = taken.lines[used..].to_vec();
        block[0].text = self.arena.alloc_str(&rest);
        if rest.is_empty() {
            block.remove(0);
        }
        lines::drop_blank_end(&mut block);
        let (node, mut finish) = (self.create_at(Kind::SubstitutionDefinition, place), taken.blank_finish);
        self.doc.set_raw_source(node, &source);
        if block.is_empty() {
            let text = format!("Substitution definition \"{label}\" missing contents.");
            return Some((vec![self.report_with(Level::Warning, &text, place, &source)], finish));
        }
        block[0].text = block[0].text.trim();
        self.doc.push(node, "names", collapse(&label));
        self.substitution_content(block, node, &mut finish);
        let (fault, level) = match self.forbidden_in_substitution(node) {
            Some(fault) => (fault, Level::Error),
            None if !self.doc.has_children(node) => {
                (format!("Substitution definition \"{label}\" empty or invalid."), Level::Warning)
            }
            None => {
                self.doc.note_substitution(node, &label, Some(self.node));
                return Some((vec![node], finish));
            }
        };
        let message = self.report_with(level, &fault, place, &source);
        if fault.starts_with("Problematic") {
            let quote = self.doc.add(message, Kind::BlockQuote);
            let paragraph = self.doc.add(quote, Kind::Paragraph);
            self.doc.move_children(node, paragraph);
        }
        Some((vec![message], finish))
    }

    /// Runs the directive of a definition; what is not inline goes into the body around it.
    fn substitution_content(&mut self, block: Vec<Line<'a>>, node: NodeId, finish: &mut bool) {
        let place = block.first().map_or(Place::default(), |line| line.place);
        let mut lines = Lines::new(block, place);
        let line = lines.get(0).unwrap_or("");
        let Some((name, end)) = directive::marker(line).filter(|(name, _)| line[name.len()..].starts_with("::")) else {
            return;
        };
        let around = self.node;
        self.inside += 1;
        let (nodes, ended) = self.embedded_directive(&mut lines, node, name, end);
        self.inside -= 1;
        self.node = around;
        if lines.at < lines.all.len() {
            *finish = ended;
        }
        self.append_all(node, nodes);
        for child in self.doc.children(node).collect::<Vec<_>>() {
            if !self.doc.kind(child).is_inline() {
                self.doc.append(around, child);
            }
        }
    }

    /// What may not stand in a substitution definition.
    fn forbidden_in_substitution(&self, node: NodeId) -> Option<String> {
        for inner in self.doc.descendants(node).skip(1) {
            let doc = &self.doc;
            return Some(match doc.kind(inner) {
                Kind::Problematic => "Problematic content in substitution definition".to_owned(),
                Kind::Reference if doc.has(inner, "anonymous") => {
                    "Anonymous references are not supported in a substitution definition.".to_owned()
                }
                Kind::FootnoteReference if doc.has(inner, "auto") => {
                    "References to auto-numbered and auto-symbol footnotes are not supported in a substitution definition.".to_owned()
                }
                _ if !doc.names(inner).is_empty() || !doc.ids(inner).is_empty() => {
                    "Targets (names and identifiers) are not supported in a substitution definition.".to_owned()
                }
                _ => continue,
            });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_the_right_bar() {
        for (text, expected) in [
            ("a| b", Some(("a", 3))),
            ("a b|", Some(("a b", 4))),
            (r"a\|b| c", Some((r"a\|b", 6))),
            ("a|b", None),
            ("a |", None),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }
}
