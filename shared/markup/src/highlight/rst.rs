//! reStructuredText shown as code: what manuals about manuals are full of.

use super::span;
use crate::escape;

/// What stands between marks in running text, the longer marks first.
const MARKS: [&str; 5] = ["``", "**", "`", "*", "|"];

/// Appends the source with its classes, line by line.
pub(super) fn write(code: &str, out: &mut String) {
    for line in code.split_inclusive('\n') {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        escape::push(out, &line[..indent]);
        let words = text.trim_end();
        let rule = words.len() > 2 && words.bytes().all(|b| b == words.as_bytes()[0] && b.is_ascii_punctuation());
        let rest = if rule {
            span(out, "hl-keyword", words);
            words.len()
        } else if text.starts_with(".. ") {
            explicit(text, out)
        } else {
            field(text, out)
        };
        inline(&text[rest..], &MARKS, out);
    }
}

/// `.. name::`, `.. _target:`, `.. [1]`, `.. |x| name::`, or a comment; the length of what was written.
fn explicit(text: &str, out: &mut String) -> usize {
    let body = text[2..].trim_start();
    let start = text.len() - body.len();
    if let Some(end) = body.find("::").filter(|end| !body[..*end].contains([' ', '`']) || body.starts_with('|')) {
        escape::push(out, &text[..start]);
        span(out, "hl-keyword", &body[..end + 2]);
        return start + end + 2;
    }
    let close = match body.as_bytes().first() {
        Some(b'_') => body.find(": ").or_else(|| body.trim_end().strip_suffix(':').map(str::len)).map(|n| n + 1),
        Some(b'[') => body.find(']').map(|n| n + 1),
        _ => None,
    };
    if let Some(close) = close {
        escape::push(out, &text[..start]);
        span(out, "hl-entity hl-name hl-tag", &body[..close]);
        return start + close;
    }
    span(out, "hl-comment", text);
    text.len()
}

/// `:name:` at the beginning of a line, when no role follows it.
fn field(text: &str, out: &mut String) -> usize {
    let Some(end) = text.strip_prefix(':').and_then(|rest| rest.find(':')).map(|n| n + 2) else { return 0 };
    let ends = text[end..].starts_with([' ', '\n']) || end == text.len();
    let sound = end > 2 && ends;
    if !sound {
        return 0;
    }
    span(out, "hl-entity hl-other hl-attribute-name", &text[..end]);
    end
}

/// Literals, roles, references and emphasis in running text.
pub(super) fn inline(text: &str, marks: &[&str], out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| marks.iter().any(|mark| mark.starts_with(c))) {
        let opens = at == 0 || rest[..at].ends_with([' ', '(', '"', '\'', ':', '/', '-', '[']);
        let mark = marks.iter().find(|m| rest[at..].starts_with(**m)).copied().unwrap_or("`");
        let body = &rest[at + mark.len()..];
        let close = body.find(mark).filter(|&n| n > 0 && opens && !body.starts_with(' '));
        let Some(close) = close else {
            escape::push(out, &rest[..at + mark.len()]);
            rest = body;
            continue;
        };
        let role = rest[..at].rfind(' ').map_or(0, |n| n + 1);
        let role =
            if rest[role..at].starts_with(':') && rest[..at].ends_with(':') && at - role > 2 { role } else { at };
        let mut end = at + mark.len() + close + mark.len();
        end += rest[end..].bytes().take(2).take_while(|b| *b == b'_' && mark == "`").count();
        escape::push(out, &rest[..role]);
        if role < at {
            span(out, "hl-entity hl-name hl-function", &rest[role..at]);
        }
        span(out, if mark.starts_with(['*', '_']) { "hl-storage" } else { "hl-string" }, &rest[at..end]);
        rest = &rest[end..];
    }
    escape::push(out, rest);
}
