//! Header fields as in messages, at the top of a PEP (RFC 2822 section 2.2; docutils' PEP reader).

use super::{Start, marker_end, recognize};
use crate::doctree::{Kind, NodeId};
use crate::lines::{Cut, Lines};
use crate::parser::{Body, Parser};

fn marker(line: &str) -> Option<usize> {
    let length = line.bytes().take_while(|b| matches!(b, b'!'..=b'9' | b';'..=b'~')).count();
    if length == 0 || line.as_bytes().get(length) != Some(&b':') {
        return None;
    }
    marker_end(line, length + 1)
}

impl<'a> Parser<'a> {
    /// Parses header fields, when the source begins with them, and then the body.
    pub fn parse_with_header(&mut self, lines: &mut Lines<'a>, body: Body) -> NodeId {
        while lines.current().is_some_and(|line| line.is_blank()) {
            lines.at += 1;
        }
        let Some(line) = lines.current() else { return body.node };
        if recognize(line.text) != Start::Text || marker(line.text).is_none() {
            return self.parse_body(lines, body);
        }
        self.stand_at(lines, lines.at);
        let list = self.doc.add(body.node, Kind::FieldList);
        self.doc.add_class(list, "rfc2822");
        let mut finish = true;
        while let Some(end) = lines.current().filter(|l| recognize(l.text) == Start::Text).and_then(|l| marker(l.text))
        {
            finish = self.header_field(lines, list, end);
        }
        let ended = lines.current().is_none_or(|line| line.is_blank());
        if !finish && !ended {
            self.unindent_warning("RFC2822-style field list", lines, body.node);
        }
        self.parse_body(lines, body)
    }

    fn header_field(&mut self, lines: &mut Lines<'a>, list: NodeId, end: usize) -> bool {
        let text = lines.get(lines.at).unwrap_or(":");
        let name = text.split(':').next().unwrap_or("");
        self.stand_at(lines, lines.at);
        let taken = lines.take(Cut { first: Some(end), until_blank: true, ..Cut::default() });
        let field = self.doc.add(list, Kind::Field);
        self.doc.add_with_text(field, Kind::FieldName, name);
        let body = self.doc.add(field, Kind::FieldBody);
        if !taken.lines.is_empty() {
            self.nested(taken.lines, taken.place, body);
        }
        taken.blank_finish
    }
}
