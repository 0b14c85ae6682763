//! A lexer for languages made of comments, strings, numbers and words. One pass, no regular expressions.

use super::span;
use crate::escape;

/// How a language looks to the lexer.
#[derive(Clone, Copy)]
pub(super) struct Grammar {
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    /// Delimiters of strings, the longer ones first.
    pub quotes: &'static [Quote],
    /// Letters that may stand before a quote and belong to the string (`rb""`), in lower case.
    pub prefixes: &'static str,
    pub keywords: &'static [&'static str],
    /// Words that introduce a name: `def`, `class`, `fn`.
    pub definers: &'static [&'static str],
    pub constants: &'static [&'static str],
    pub types: &'static [&'static str],
    /// Characters besides letters, digits and `_` that a word may hold.
    pub word: &'static str,
    /// `@name` is a decorator or an annotation.
    pub decorators: bool,
    /// `$name` is a variable.
    pub variables: bool,
    /// A line that begins with `#` is for the preprocessor.
    pub preprocessor: bool,
    pub ignore_case: bool,
    /// A word before `:` or `=` is a key.
    pub keys: Option<char>,
}

/// One kind of string.
#[derive(Clone, Copy)]
pub(super) struct Quote {
    pub open: &'static str,
    pub close: &'static str,
    pub escapes: bool,
    pub lines: bool,
    /// One character, or one escape: a lifetime is none.
    pub character: bool,
}

pub(super) const PLAIN: Grammar = Grammar {
    line_comments: &[],
    block_comment: None,
    quotes: &[],
    prefixes: "",
    keywords: &[],
    definers: &[],
    constants: &[],
    types: &[],
    word: "",
    decorators: false,
    variables: false,
    preprocessor: false,
    ignore_case: false,
    keys: None,
};

impl Grammar {
    /// Appends the code with its classes.
    pub(super) fn write(&self, code: &str, out: &mut String) {
        let mut lexer = Lexer { grammar: self, code, at: 0, plain: 0, defines: false, no_string_before: 0, out };
        lexer.run();
    }
}

struct Lexer<'g, 'c, 'o> {
    grammar: &'g Grammar,
    code: &'c str,
    at: usize,
    /// From here on the text has no class and is not yet written.
    plain: usize,
    /// The word before introduces a name.
    defines: bool,
    /// Up to here a lone apostrophe is known to begin no string.
    no_string_before: usize,
    out: &'o mut String,
}

impl Lexer<'_, '_, '_> {
    fn run(&mut self) {
        while let Some(byte) = self.code.as_bytes().get(self.at).copied() {
            let step = self.comment().or_else(|| self.string()).or_else(|| match byte {
                b'0'..=b'9' => Some((self.number(), "hl-constant hl-numeric")),
                b'@' if self.grammar.decorators => {
                    Some((self.word_from(self.at + 1, "."), "hl-entity hl-name hl-function"))
                }
                b'$' if self.grammar.variables => Some((self.variable(), "hl-variable")),
                b'#' if self.grammar.preprocessor && self.begins_line() => {
                    Some((self.word_from(self.at + 1, " "), "hl-keyword"))
                }
                _ => None,
            });
            match step {
                Some((end, class)) if end > self.at + usize::from(matches!(byte, b'@' | b'$')) => {
                    self.put(end, class);
                    self.defines = false;
                }
                _ if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => self.word(),
                _ => {
                    self.defines &= byte == b' ';
                    self.at += 1;
                }
            }
        }
        escape::push(self.out, &self.code[self.plain..]);
    }

    /// Writes what is open without a class, then the text up to `end` with one.
    fn put(&mut self, end: usize, class: &str) {
        escape::push(self.out, &self.code[self.plain..self.at]);
        span(self.out, class, &self.code[self.at..end]);
        self.at = end;
        self.plain = end;
    }

    fn rest(&self) -> &str {
        &self.code[self.at..]
    }

    fn begins_line(&self) -> bool {
        self.code[..self.at].bytes().rev().find(|b| !matches!(b, b' ' | b'\t')).is_none_or(|b| b == b'\n')
    }

    fn line_end(&self) -> usize {
        self.rest().find('\n').map_or(self.code.len(), |n| self.at + n)
    }

    fn comment(&self) -> Option<(usize, &'static str)> {
        let rest = self.rest();
        if let Some((open, close)) = self.grammar.block_comment.filter(|(open, _)| rest.starts_with(open)) {
            let end =
                rest[open.len()..].find(close).map_or(self.code.len(), |n| self.at + open.len() + n + close.len());
            return Some((end, "hl-comment"));
        }
        let line = self.grammar.line_comments.iter().any(|mark| rest.starts_with(mark));
        // `$#` and `a#b` are no comments in a shell.
        let free = self.at == 0 || !self.grammar.variables || self.code.as_bytes()[self.at - 1].is_ascii_whitespace();
        (line && free).then(|| (self.line_end(), "hl-comment"))
    }

    fn string(&mut self) -> Option<(usize, &'static str)> {
        let bytes = self.code.as_bytes();
        let prefix = bytes[self.at..]
            .iter()
            .take(3)
            .take_while(|b| self.grammar.prefixes.as_bytes().contains(&b.to_ascii_lowercase()))
            .count();
        let start = self.at + prefix;
        let rest = self.code.get(start..)?;
        let quote = self.grammar.quotes.iter().find(|q| rest.starts_with(q.open))?;
        let lone = quote.open == "'";
        if lone && start < self.no_string_before {
            return None;
        }
        let raw = prefix > 0 && self.code[self.at..start].contains(['r', 'R']);
        let mut at = start + quote.open.len();
        let limit = match rest[quote.open.len()..].chars().next() {
            Some('\\') => start + 12,
            Some(first) => at + first.len_utf8(),
            None => at,
        };
        while at < bytes.len() {
            match bytes[at] {
                b'\\' if quote.escapes && !raw => at += 1,
                b'\n' if !quote.lines => break,
                _ if quote.character && at > limit => break,
                _ if bytes[at..].starts_with(quote.close.as_bytes()) => {
                    return Some((at + quote.close.len(), "hl-string"));
                }
                _ => {}
            }
            at += 1;
        }
        if lone {
            // A lifetime, or a word of prose.
            if !quote.character {
                self.no_string_before = at;
            }
            return None;
        }
        Some((self.code.floor_char_boundary(at), "hl-string"))
    }

    fn number(&self) -> usize {
        let bytes = self.code.as_bytes();
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            let more = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => {}
                b'.' if more => {}
                b'+' | b'-'
                    if more && matches!(bytes[at - 1], b'e' | b'E') && !self.code[self.at..at].starts_with("0x") => {}
                _ => break,
            }
            at += 1;
        }
        at
    }

    fn variable(&self) -> usize {
        let rest = &self.code[self.at + 1..];
        match rest.as_bytes().first() {
            Some(b'{') => match rest.bytes().take(200).position(|b| matches!(b, b'}' | b'\n')) {
                Some(n) if rest.as_bytes()[n] == b'}' => self.at + n + 2,
                _ => self.at,
            },
            Some(b'?' | b'!' | b'#' | b'@' | b'*' | b'$') => self.at + 2,
            _ => self.word_from(self.at + 1, ""),
        }
    }

    fn word_from(&self, from: usize, more: &str) -> usize {
        let fits = |c: char| c.is_alphanumeric() || c == '_' || more.contains(c);
        self.code[from..].find(|c| !fits(c)).map_or(self.code.len(), |n| from + n)
    }

    fn word(&mut self) {
        let end = self.word_from(self.at, self.grammar.word);
        if end == self.at {
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            self.defines = false;
            return;
        }
        let word = &self.code[self.at..end];
        let lower;
        let looked = if self.grammar.ignore_case {
            lower = word.to_ascii_lowercase();
            lower.as_str()
        } else {
            word
        };
        let has = |list: &[&str]| list.contains(&looked);
        let class = if has(self.grammar.definers) {
            "hl-storage"
        } else if self.defines {
            "hl-entity hl-name hl-function"
        } else if has(self.grammar.keywords) {
            "hl-keyword"
        } else if has(self.grammar.constants) {
            "hl-constant hl-language"
        } else if has(self.grammar.types) {
            "hl-support hl-type"
        } else if self.grammar.keys.is_some_and(|sign| self.code[end..].trim_start_matches(' ').starts_with(sign)) {
            "hl-entity hl-name hl-tag"
        } else {
            ""
        };
        let defines = has(self.grammar.definers);
        if class.is_empty() {
            self.at = end;
        } else {
            self.put(end, class);
        }
        self.defines = defines;
    }
}
