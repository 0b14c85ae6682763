//! The part of a text that shows why it was found.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::words::Words;

/// A piece of an excerpt.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// An excerpt in pieces, cut where what was found begins and ends.
pub(crate) fn parts(excerpt: &str) -> Vec<Piece> {
    let mut parts = vec![];
    for (index, piece) in excerpt.split('\u{2}').enumerate() {
        let (hit, rest) = if index == 0 { ("", piece) } else { piece.split_once('\u{3}').unwrap_or((piece, "")) };
        for (text, hit) in [(hit, true), (rest, false)] {
            if !text.is_empty() {
                parts.push(Piece { text: text.to_owned(), hit });
            }
        }
    }
    parts
}

/// Words of an excerpt.
const LENGTH: usize = 24;
/// Of these, before the first that was found.
const BEFORE: usize = 6;

/// A word of the text: where it stands, and how the index spells it.
struct Token {
    from: usize,
    to: usize,
    spelled: String,
}

/// Words that are looked for one behind another; the last may be the beginning of a word.
struct Wanted {
    spelled: Vec<String>,
    is_prefix: bool,
}

/// Some words of `text` around the first that was found, or its beginning when none was; what was found stands between
/// U+0002 and U+0003.
pub(crate) fn excerpt(text: &str, words: &Words) -> String {
    let wanted: Vec<Wanted> = words.terms.iter().filter(|term| !term.without).map(wanted).collect();
    let tokens: Vec<Token> = tokens(text).collect();
    let found = |at: usize| wanted.iter().map(|wanted| length_at(wanted, &tokens[at..])).max().unwrap_or(0);
    let first = (0..tokens.len()).find(|at| found(*at) > 0).unwrap_or(0);
    let start = first.saturating_sub(BEFORE);
    let end = tokens.len().min(start + LENGTH);
    let mut out = String::from(if start > 0 { "…" } else { "" });
    let mut told = if start > 0 { tokens[start].from } else { 0 };
    let mut at = start;
    while at < end {
        let length = found(at).min(end - at);
        if length > 0 {
            out.push_str(&text[told..tokens[at].from]);
            told = tokens[at + length - 1].to;
            out.push('\u{2}');
            out.push_str(&text[tokens[at].from..told]);
            out.push('\u{3}');
        }
        at += length.max(1);
    }
    let last = if end < tokens.len() { tokens[end - 1].to } else { text.len() };
    out.push_str(&text[told..last.max(told)]);
    if end < tokens.len() {
        out.push('…');
    }
    out
}

fn wanted(term: &crate::words::Term) -> Wanted {
    Wanted { spelled: tokens(&term.text).map(|token| token.spelled).collect(), is_prefix: term.is_prefix() }
}

/// How many of the first tokens are what is wanted: all of its words, or none.
fn length_at(wanted: &Wanted, tokens: &[Token]) -> usize {
    let Some((last, before)) = wanted.spelled.split_last() else { return 0 };
    let Some(end) = tokens.get(before.len()) else { return 0 };
    let same = before.iter().zip(tokens).all(|(word, token)| *word == token.spelled);
    let ends = if wanted.is_prefix { end.spelled.starts_with(last) } else { end.spelled == *last };
    if same && ends { wanted.spelled.len() } else { 0 }
}

/// The words of a text as FTS5's `unicode61 remove_diacritics 2` cuts and spells them.
fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let part = |c: char| c.is_alphanumeric() || is_combining_mark(c);
        while rest.next_if(|(_, c)| !c.is_alphanumeric()).is_some() {}
        let (from, first) = rest.next()?;
        let mut to = from + first.len_utf8();
        while let Some((at, letter)) = rest.next_if(|(_, c)| part(*c)) {
            to = at + letter.len_utf8();
        }
        Some(Token { from, to, spelled: spelled(&text[from..to]) })
    })
}

/// Lower case, without accents.
fn spelled(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::read;

    fn marked(text: &str, query: &str) -> String {
        excerpt(text, &read(query)).replace('\u{2}', "[").replace('\u{3}', "]")
    }

    #[test]
    fn what_was_found_is_marked_where_it_stands() {
        for (text, query, shown) in [
            ("It crashes on start.", "crash", "It [crashes] on start."),
            ("It crashes on start.", "\"on start\" it", "[It] crashes [on start]."),
            ("Im Café, café!", "CAFE", "Im [Café], [café]!"),
            ("The config_path is long", "config_path", "The [config_path] is long"),
            ("nothing of it", "other", "nothing of it"),
            ("is it", "i", "is it"),
            ("", "word", ""),
            ("-- ", "word", "-- "),
        ] {
            assert_eq!(marked(text, query), shown, "{query}");
        }
    }

    #[test]
    fn of_a_long_text_the_part_around_the_first_is_shown() {
        let text: Vec<String> = (0..200).map(|n| format!("w{n}")).collect();
        let shown = marked(&text.join(" "), "w100");
        assert_eq!(shown.split(' ').count(), LENGTH);
        assert!(shown.starts_with("…w94 w95") && shown.contains(" [w100] ") && shown.ends_with("w117…"), "{shown}");
        let shown = marked(&text.join("\n"), "absent");
        assert!(shown.starts_with("w0\n") && shown.ends_with("w23…"), "{shown}");
    }

    #[test]
    fn hits_are_cut_out_of_an_excerpt() {
        let told: Vec<(String, bool)> =
            parts("a \u{2}crash\u{3} here").into_iter().map(|part| (part.text, part.hit)).collect();
        assert_eq!(told, [("a ".into(), false), ("crash".into(), true), (" here".into(), false)]);
    }
}
