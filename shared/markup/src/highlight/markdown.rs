//! Markdown shown as code, with the directives of MyST.

use super::languages;
use super::rst::inline;
use super::span;
use crate::escape;

/// What people call the language after a fence.
pub(super) const NAMES: [&str; 3] = ["markdown", "md", "myst"];

/// What stands between marks in running text, the longer marks first.
const MARKS: [&str; 6] = ["``", "**", "__", "`", "*", "_"];

/// Appends the source with its classes, line by line; code in a fence by its own language.
pub(super) fn write(code: &str, out: &mut String) {
    let mut rest = code;
    // The fences of directives around this line, whose ends look like beginnings of code.
    let mut directives: Vec<&str> = vec![];
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.find('\n').map_or(rest.len(), |n| n + 1));
        rest = after;
        let (indent, text) = line.split_at(line.len() - line.trim_start_matches([' ', '\t']).len());
        escape::push(out, indent);
        let mark = mark(text);
        if mark.len() < text.trim_end().len() && mark.len() >= 3 && text[mark.len()..].trim_start().starts_with('{') {
            directives.push(mark);
        } else if mark == text.trim_end() && directives.last().is_some_and(|open| mark.starts_with(open)) {
            directives.pop();
            span(out, "hl-keyword", text);
            continue;
        }
        match Fence::of(text) {
            Some(fence) => {
                span(out, "hl-keyword", text);
                rest = fence.body(rest, out);
            }
            None => block(text, out),
        }
    }
}

/// The backquotes or tildes with which a line begins.
fn mark(text: &str) -> &str {
    let first = text.chars().next().filter(|c| matches!(c, '`' | '~'));
    first.map_or("", |first| &text[..text.len() - text.trim_start_matches(first).len()])
}

/// The beginning of a fence around code. Fences of directives hold Markdown, which is read on.
struct Fence<'a> {
    mark: &'a str,
    language: &'a str,
}

impl<'a> Fence<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mark = mark(text);
        let language = text[mark.len()..].trim();
        (mark.len() >= 3 && !language.contains(['`', '{'])).then_some(Self { mark, language })
    }

    /// Writes the code up to the line that ends it; what comes from that line on.
    fn body<'b>(&self, text: &'b str, out: &mut String) -> &'b str {
        let ends = |line: &str| line.trim().starts_with(self.mark) && line.trim().trim_matches(['`', '~']).is_empty();
        let length = text.split_inclusive('\n').take_while(|line| !ends(line)).map(str::len).sum();
        let (code, rest) = text.split_at(length);
        // Markdown within Markdown is left plain, so that no text leads deeper and deeper.
        let language = self.language.to_ascii_lowercase();
        match languages::find(&language).filter(|_| !NAMES.contains(&language.as_str())) {
            Some(lexer) => lexer(code, out),
            None => escape::push(out, code),
        }
        let (end, after) = rest.split_at(rest.find('\n').map_or(rest.len(), |n| n + 1));
        span(out, "hl-keyword", end);
        after
    }
}

/// A line that is in no fence.
fn block(text: &str, out: &mut String) {
    let words = text.trim_end();
    let rule = words.len() > 2 && words.bytes().all(|b| b == words.as_bytes()[0] && b"-=*_".contains(&b));
    let heading = words.trim_start_matches('#').starts_with(' ') && words.starts_with('#');
    if rule || heading || words.starts_with(":::") || words.starts_with("```") || words.starts_with("~~~") {
        span(out, "hl-keyword", text);
    } else if words.starts_with("<!--") {
        span(out, "hl-comment", text);
    } else if words.starts_with('(') && words.ends_with(")=") {
        span(out, "hl-entity hl-name hl-tag", text);
    } else {
        let (length, class) = beginning(text);
        if length > 0 {
            span(out, class, &text[..length]);
        }
        running(&text[length..], out);
    }
}

/// The length and the class of what begins a line: an option of a directive, the name of a link, a quote, an item.
fn beginning(text: &str) -> (usize, &'static str) {
    let option = text.strip_prefix(':').and_then(|rest| rest.find(": ")).map(|n| n + 2);
    let name = text.strip_prefix('[').and_then(|rest| rest.find("]: ")).map(|n| n + 3);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let item = ["- ", "* ", "+ "].iter().any(|mark| text.starts_with(mark));
    match (option, name) {
        (Some(length), _) => (length, "hl-entity hl-other hl-attribute-name"),
        (_, Some(length)) => (length, "hl-entity hl-name hl-tag"),
        _ if text.starts_with('>') => (1, "hl-comment"),
        _ if item => (1, "hl-keyword"),
        _ if (1..10).contains(&digits) && text[digits..].starts_with(". ") => (digits + 1, "hl-keyword"),
        _ => (0, ""),
    }
}

/// Running text: targets of links, code and emphasis.
fn running(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let Some(end) = rest[at..].find(')').map(|n| at + n) else { break };
        inline(&rest[..at + 1], &MARKS, out);
        span(out, "hl-string", &rest[at + 1..=end]);
        rest = &rest[end + 1..];
    }
    inline(rest, &MARKS, out);
}
