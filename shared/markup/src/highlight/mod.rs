//! Highlighted code: classes in the HTML, colours in the theme of the pages (`reading.css`), whose tokens have a light and
//! a dark side, so that neither needs a second rendering.
//!
//! The languages that fill most manuals are read by a lexer of our own, a hundred times faster than grammars of regular
//! expressions (a rebuild of a site is mostly highlighting); all others by syntect. Both speak the same classes.

mod grammar;
mod languages;
mod lines;
mod markdown;
mod rst;
mod tags;

use std::sync::LazyLock;

use syntect::html::{ClassStyle, ClassedHTMLGenerator};
use syntect::parsing::{SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use crate::escape;

const STYLE: ClassStyle = ClassStyle::SpacedPrefixed { prefix: "hl-" };

/// Longer code, and code with longer lines, is shown as it is: colours are not worth a second of work.
const LONGEST: usize = 200_000;
const LONGEST_LINE: usize = 2_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The code as HTML with `hl-` classes, without a surrounding element. No span runs over the end of a line.
///
/// `None` when the language is unknown, or the code is too long or beats the grammar: show it escaped then.
pub fn highlight(code: &str, language: &str) -> Option<String> {
    let language = language.trim().to_ascii_lowercase();
    if matches!(language.as_str(), "" | "none" | "text" | "plain" | "plaintext" | "output") {
        return None;
    }
    let mut out = String::with_capacity(code.len() * 2);
    if let Some(lexer) = languages::find(&language) {
        lexer(code, &mut out);
        return Some(out);
    }
    by_syntect(code, &language)
}

/// Appends a run of one class; a run of several lines is cut at their ends.
fn span(out: &mut String, class: &str, text: &str) {
    for line in text.split_inclusive('\n') {
        let words = line.strip_suffix('\n').unwrap_or(line);
        if !words.is_empty() {
            out.push_str("<span class=\"");
            out.push_str(class);
            out.push_str("\">");
            escape::push(out, words);
            out.push_str("</span>");
        }
        if words.len() < line.len() {
            out.push('\n');
        }
    }
}

fn by_syntect(code: &str, language: &str) -> Option<String> {
    if code.len() > LONGEST || code.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let mut generator = ClassedHTMLGenerator::new_with_class_style(syntax(language)?, &SYNTAXES, STYLE);
    for line in LinesWithEndings::from(code) {
        generator.parse_html_for_line_which_includes_newline(line).ok()?;
    }
    Some(generator.finalize())
}

/// The grammar by the names that people write after a fence or a `code-block`.
fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    let token = match language {
        "make" => "makefile",
        other => other,
    };
    SYNTAXES.find_syntax_by_token(token).filter(|s| s.name != "Plain Text")
}

#[cfg(test)]
mod tests;
