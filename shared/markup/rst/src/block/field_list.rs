//! Field lists (reStructuredText specification, "Field Lists").

use super::{Start, marker_end};
use crate::doctree::{Kind, NodeId};
use crate::lines::{Cut, Line, Lines};
use crate::parser::Parser;

/// The bytes of a field marker `:name:` and the space after it.
pub(crate) fn marker(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    if bytes.first() != Some(&b':') || matches!(bytes.get(1)?, b':' | b' ') {
        return None;
    }
    let mut i = 1;
    let mut found = None;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b':' if bytes[i - 1] != b' ' && matches!(bytes.get(i + 1), None | Some(b' ')) => {
                found = marker_end(line, i + 1);
                break;
            }
            b':' if matches!(bytes.get(i + 1), None | Some(b' ' | b'`')) => break,
            _ => i += 1,
        }
    }
    found
}

/// The name in a field marker of `end` bytes.
pub(crate) fn name(line: &str, end: usize) -> &str {
    let marker = &line[1..end];
    &marker[..marker.rfind(':').unwrap_or(marker.len())]
}

impl<'a> Parser<'a> {
    pub(super) fn field_list(&mut self, lines: &mut Lines<'a>, parent: NodeId, end: usize) {
        let list = self.doc.add(parent, Kind::FieldList);
        let finish = self.field(lines, list, end);
        let finish = self.more_items(lines, list, finish, |parser, lines, start| match start {
            Start::Field(end) => Some(parser.field(lines, list, end)),
            _ => None,
        });
        if !finish {
            self.unindent_warning("Field list", lines, parent);
        }
    }

    fn field(&mut self, lines: &mut Lines<'a>, list: NodeId, end: usize) -> bool {
        let place = lines.here();
        let name_text = name(lines.get(lines.at).unwrap_or("::"), end);
        let taken = lines.take(Cut { first: Some(end), ..Cut::default() });
        let field = self.create_at(Kind::Field, place);
        self.doc.append(list, field);
        let name = self.doc.add(field, Kind::FieldName);
        let messages = self.inline(name_text, place, name);
        let body = self.doc.add(field, Kind::FieldBody);
        self.append_all(body, messages);
        // Kept because a name with an initial reads as a list, and the bibliography wants it as it stands.
        if let Some(only) = taken.lines.first().filter(|_| taken.lines[1..].iter().all(Line::is_blank)) {
            self.doc.set_raw_source(body, only.text);
        }
        if !taken.lines.is_empty() {
            self.nested(taken.lines, taken.place, body);
        }
        taken.blank_finish
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_end_at_the_right_colon() {
        for (line, expected) in [
            (":a:", Some(":a:")),
            (":a: b", Some(":a: ")),
            (":a:b: c", Some(":a:b: ")),
            (":a :", None),
            (": a:", None),
            ("::", None),
            (r":a\: b: c", Some(r":a\: b: ")),
            (":role:`x`", None),
            (":a b", None),
        ] {
            assert_eq!(marker(line).map(|end| &line[..end]), expected, "{line}");
        }
    }
}
