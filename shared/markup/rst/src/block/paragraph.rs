//! Paragraphs, and how a second line makes something else of them (reStructuredText specification, "Paragraphs").

use super::is_rule;
use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{Line, Lines};
use crate::parser::{Body, Parser};

impl<'a> Parser<'a> {
    /// A block that begins with text: a paragraph, a definition list, or a section title.
    pub(super) fn parse_text(&mut self, lines: &mut Lines<'a>, body: &mut Body) {
        let start = lines.at;
        let Some(second) = lines.get(start + 1).filter(|text| !text.trim().is_empty()) else {
            lines.at = start + 1;
            self.stand_at(lines, start + 1);
            let literal = self.paragraph(&lines.all[start..=start], body.node);
            if literal {
                self.literal_block(lines, body.node);
            }
            return;
        };
        if second.starts_with(' ') {
            return self.definition_list(lines, body.node);
        }
        if is_rule(second) && self.underlined_title(lines, body) {
            return;
        }
        let (end, indented) = lines.text_block_end(start + 1);
        lines.at = end;
        self.stand_at(lines, end - 1);
        let literal = self.paragraph(&lines.all[start..end], body.node);
        if let Some(place) = indented {
            let message = self.report(Level::Error, "Unexpected indentation.", place);
            self.doc.append(body.node, message);
        }
        if literal {
            self.literal_block(lines, body.node);
        }
    }

    /// One paragraph; true when it announces a literal block.
    fn paragraph(&mut self, block: &[Line<'a>], parent: NodeId) -> bool {
        let Some(first) = block.first() else { return false };
        let joined;
        let text = match block.len() {
            1 => first.text,
            _ => {
                joined = crate::lines::join(block);
                &joined
            }
        };
        let text = text.trim_end();
        let (text, literal) = match announces_literal(text) {
            true => (without_announcement(text), true),
            false => (text, false),
        };
        if literal && text.is_empty() {
            return true;
        }
        let paragraph = self.create_at(Kind::Paragraph, first.place);
        let messages = self.inline_of_block(text, block, paragraph);
        self.doc.append(parent, paragraph);
        self.append_all(parent, messages);
        literal
    }
}

fn announces_literal(text: &str) -> bool {
    text.ends_with("::") && text[..text.len() - 2].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 0
}

fn without_announcement(text: &str) -> &str {
    if text.len() == 2 {
        return "";
    }
    match text.as_bytes()[text.len() - 3] {
        b' ' | b'\n' => text[..text.len() - 3].trim_end(),
        _ => &text[..text.len() - 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_colons_announce_a_literal_block() {
        for (text, shown) in [
            ("::", Some("")),
            ("a ::", Some("a")),
            ("a::", Some("a:")),
            ("a\n::", Some("a")),
            ("a:", None),
            (r"a\::", None),
        ] {
            assert_eq!(announces_literal(text).then(|| without_announcement(text)), shown, "{text}");
        }
    }
}
