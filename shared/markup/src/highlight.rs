//! Highlighted code: classes in the HTML, colours in a style sheet, so that light and dark need no second rendering.

use std::sync::LazyLock;

use syntect::highlighting::ThemeSet;
use syntect::html::{ClassStyle, ClassedHTMLGenerator, css_for_theme_with_class_style};
use syntect::parsing::{SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

const STYLE: ClassStyle = ClassStyle::SpacedPrefixed { prefix: "hl-" };

/// Longer code, and code with longer lines, is shown as it is: colours are not worth a second of work.
const LONGEST: usize = 200_000;
const LONGEST_LINE: usize = 2_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The code as HTML with `hl-` classes, without a surrounding element.
///
/// `None` when the language is unknown, or the code is too long or beats the grammar: show it escaped then.
pub fn highlight(code: &str, language: &str) -> Option<String> {
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
    let language = language.trim().to_ascii_lowercase();
    let token = match language.as_str() {
        "" | "none" | "text" | "plain" | "plaintext" | "output" => return None,
        "python3" | "py3" | "python2" | "cython" | "pycon" | "pycon3" | "default" | "ipython" | "ipython3" => "python",
        "console" | "shell" | "shell-session" | "zsh" | "ksh" | "bash" => "sh",
        "c++" | "cxx" => "cpp",
        "jsonc" | "json5" => "json",
        "udiff" => "diff",
        "html+jinja" | "html+django" | "jinja" | "django" | "xhtml" => "html",
        "rest" | "restructuredtext" => "rst",
        "postgresql" | "sqlite3" | "mysql" => "sql",
        "golang" => "go",
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
        "{light}\n@media (prefers-color-scheme: dark) {{\n:root:not([data-theme=light]) {{\n{dark}\n}}\n}}\n:root[data-theme=dark] {{\n{dark}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_gets_classes() {
        let html = highlight("def f(): return '<'\n", "python").unwrap();
        assert!(html.contains("hl-"), "{html}");
        assert!(html.contains("&lt;") && !html.contains("'<'"));
        assert!(!html.contains("style="));
        assert_eq!(highlight("x", "no such language"), None);
        assert_eq!(highlight(&"x".repeat(3000), "python"), None);
    }

    #[test]
    fn sheet_has_both_themes() {
        let css = highlight_css();
        assert!(css.contains(".hl-comment") && css.contains("prefers-color-scheme: dark"));
        assert!(!css.contains('#') || !css.contains("background-color: #2b303b"));
    }
}
