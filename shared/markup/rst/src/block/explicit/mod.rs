//! Explicit markup blocks (reStructuredText specification, "Explicit Markup Blocks").

mod citation;
pub(crate) mod comment;
pub(crate) mod directive;
mod footnote;
pub(crate) mod hyperlink_target;
mod substitution_definition;

pub(crate) use comment::END_OF_INCLUSION;

use super::{Start, recognize};
use crate::doctree::{Level, NodeId};
use crate::inline::simple_name;
use crate::lines::Lines;
use crate::parser::{Body, Parser};

/// What one construct yields: its nodes, and whether a blank line or the end follows.
pub(crate) type Construct = (Vec<NodeId>, bool);

/// What stands after the two dots.
enum Explicit<'t> {
    Footnote(&'t str, usize),
    Citation(&'t str, usize),
    Target(usize),
    Substitution(usize),
    Directive(&'t str, usize),
    Comment,
}

/// Recognises the construct; numbers are the bytes before its content.
fn recognize_explicit(line: &str) -> Explicit<'_> {
    let start = 2 + line[2..].bytes().take_while(|b| *b == b' ').count();
    let rest = &line[start..];
    let at_word = |i: usize| rest.as_bytes().get(i).is_some_and(|b| *b != b' ');
    match rest.as_bytes().first() {
        Some(b'[') => {
            if let Some(close) = rest.find(']')
                && let Some(end) = super::marker_end(rest, close + 1)
            {
                let label = &rest[1..close];
                if footnote::is_label(label) {
                    return Explicit::Footnote(label, start + end);
                }
                if simple_name(label) == Some(label.len()) {
                    return Explicit::Citation(label, start + end);
                }
            }
        }
        Some(b'_') if at_word(1) => return Explicit::Target(start + 1),
        Some(b'|') if at_word(1) => return Explicit::Substitution(start + 1),
        _ => {}
    }
    match directive::marker(rest) {
        Some((name, end)) => Explicit::Directive(name, start + end),
        None => Explicit::Comment,
    }
}

impl<'a> Parser<'a> {
    /// A construct and those that follow it without a blank line.
    pub(super) fn explicit_markup(&mut self, lines: &mut Lines<'a>, body: &mut Body) {
        let mut finish = self.explicit_construct(lines, body);
        self.inside += 1;
        while let Some(line) = lines.current().filter(|line| !line.is_blank()) {
            let start = recognize(line.text);
            if line.text.starts_with(' ') || !matches!(start, Start::Explicit(_) | Start::Anonymous(_)) {
                break;
            }
            self.stand_at(lines, lines.at);
            finish = self.explicit_construct(lines, body);
        }
        self.inside -= 1;
        if !finish {
            self.unindent_warning("Explicit markup", lines, body.node);
        }
    }

    /// One construct; true when it ended properly.
    fn explicit_construct(&mut self, lines: &mut Lines<'a>, body: &mut Body) -> bool {
        self.node = body.node;
        let Some(line) = lines.get(lines.at) else { return true };
        let (nodes, finish) = match recognize(line) {
            Start::Anonymous(end) => self.anonymous_target(lines, end),
            _ => self.dotted_construct(lines, body),
        };
        self.append_all(body.node, nodes);
        finish
    }

    fn dotted_construct(&mut self, lines: &mut Lines<'a>, body: &mut Body) -> Construct {
        let start = lines.at;
        let line = lines.get(start).unwrap_or("..");
        let found = match recognize_explicit(line) {
            Explicit::Footnote(label, end) => return self.footnote(lines, label, end),
            Explicit::Citation(label, end) => return self.citation(lines, label, end),
            Explicit::Directive(name, end) => return self.directive(lines, body, name, end),
            Explicit::Comment => return self.comment(lines),
            Explicit::Target(end) => self.hyperlink_target(lines, end).ok_or("malformed hyperlink target."),
            Explicit::Substitution(end) => {
                self.substitution_definition(lines, end).ok_or("malformed substitution definition.")
            }
        };
        found.unwrap_or_else(|fault| {
            let place = lines.place(lines.at.saturating_sub(1));
            lines.at = start;
            let (mut nodes, finish) = self.comment(lines);
            nodes.push(self.report(Level::Warning, fault, place));
            (nodes, finish)
        })
    }
}
