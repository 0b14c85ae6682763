//! Highlighted code: classes in the HTML, colours in a style sheet, so that light and dark need no second rendering.
//!
//! The languages that fill most manuals are read by a lexer of our own, a hundred times faster than grammars of regular
//! expressions (a rebuild of a site is mostly highlighting); all others by syntect. Both speak the same classes.

mod grammar;
mod languages;
mod lines;
mod rst;
mod tags;

use std::sync::LazyLock;

use syntect::highlighting::ThemeSet;
use syntect::html::{ClassStyle, ClassedHTMLGenerator, css_for_theme_with_class_style};
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

/// The style sheet of the `hl-` classes: light, and dark where the reader prefers it or the page says `data-theme=dark`.
pub fn highlight_css() -> String {
    let themes = ThemeSet::load_defaults();
    let css = |name: &str| {
        let css =
            themes.themes.get(name).and_then(|t| css_for_theme_with_class_style(t, STYLE).ok()).unwrap_or_default();
        // The page owns the paper: the theme's own background rule for the block is left out.
        css.lines()
            .skip_while(|l| !l.starts_with('}'))
            .skip(1)
            .filter(|l| !l.starts_with("/*"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let (light, dark) = (css("InspiredGitHub"), css("base16-ocean.dark"));
    format!(
        ".hl-prompt {{\n user-select: none;\n}}\n{light}\n@media (prefers-color-scheme: dark) {{\n:root:not([data-theme=light]) {{\n{dark}\n}}\n}}\n\
         :root[data-theme=dark] {{\n{dark}\n}}\n"
    )
}

#[cfg(test)]
mod tests;
