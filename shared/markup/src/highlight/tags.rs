//! HTML, XML and templates of Django and Jinja: tags, attributes, comments, `{{ }}` and `{% %}`.

use super::span;
use crate::escape;

/// Appends markup with its classes.
pub(super) fn write(code: &str, out: &mut String) {
    let mut rest = code;
    while let Some(at) = rest.find(['<', '{', '&']) {
        escape::push(out, &rest[..at]);
        rest = &rest[at..];
        let length = block(rest, out);
        rest = &rest[length..];
    }
    escape::push(out, rest);
}

/// Writes what stands at the beginning of the text, and returns its length.
fn block(text: &str, out: &mut String) -> usize {
    let enclosed = [
        ("<!--", "-->", "hl-comment"),
        ("{#", "#}", "hl-comment"),
        ("<!", ">", "hl-meta hl-tag hl-keyword"),
        ("<?", "?>", "hl-meta hl-tag hl-keyword"),
        ("{{", "}}", "hl-variable hl-string"),
        ("{%", "%}", "hl-keyword"),
    ];
    if let Some((open, close, class)) = enclosed.into_iter().find(|(open, ..)| text.starts_with(open)) {
        let end = text[open.len()..].find(close).map_or(text.len(), |n| open.len() + n + close.len());
        span(out, class, &text[..end]);
        return end;
    }
    let name_at = 1 + usize::from(text[1..].starts_with('/'));
    let name = word(&text[name_at..]);
    if text.starts_with('<') && name > 0 {
        return tag(text, name_at, name, out);
    }
    let entity = text.starts_with('&').then(|| text[1..].find(|c: char| !c.is_alphanumeric() && c != '#')).flatten();
    match entity.filter(|&n| n > 0 && text[1 + n..].starts_with(';')) {
        Some(n) => {
            span(out, "hl-constant hl-character", &text[..n + 2]);
            n + 2
        }
        None => {
            escape::push(out, &text[..1]);
            1
        }
    }
}

fn tag(text: &str, name_at: usize, name: usize, out: &mut String) -> usize {
    escape::push(out, &text[..name_at]);
    span(out, "hl-entity hl-name hl-tag", &text[name_at..name_at + name]);
    let mut at = name_at + name;
    while let Some(c) = text[at..].chars().next() {
        let length = match c {
            '>' => {
                out.push_str("&gt;");
                return at + 1;
            }
            '<' => return at,
            '"' | '\'' => {
                let end = text[at + 1..].find(c).map_or(text.len(), |n| at + n + 2);
                span(out, "hl-string", &text[at..end]);
                end - at
            }
            '{' if text[at..].starts_with("{{") || text[at..].starts_with("{%") => block(&text[at..], out),
            _ => match word(&text[at..]) {
                0 => {
                    escape::push(out, &text[at..at + c.len_utf8()]);
                    c.len_utf8()
                }
                length => {
                    span(out, "hl-entity hl-other hl-attribute-name", &text[at..at + length]);
                    length
                }
            },
        };
        at += length;
    }
    at
}

/// The length of a name of a tag or an attribute.
fn word(text: &str) -> usize {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '@');
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':' | '@')) {
        return 0;
    }
    text.find(|c| !fits(c)).unwrap_or(text.len())
}
