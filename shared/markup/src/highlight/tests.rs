use proptest::prelude::*;

use super::*;

/// The code with each run as `class(text)`, the last word of the class only.
fn short(code: &str, language: &str) -> String {
    let html = highlight(code, language).unwrap();
    let mut out = String::new();
    for part in html.split("<span class=\"").enumerate() {
        match part {
            (0, text) => out.push_str(text),
            (_, text) => {
                let (class, rest) = text.split_once("\">").unwrap();
                let class = class.rsplit("hl-").next().unwrap().trim();
                let (inner, after) = rest.split_once("</span>").unwrap();
                out.push_str(&format!("{class}({inner}){after}"));
            }
        }
    }
    out.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn python_is_read() {
    assert_eq!(
        short("@app.get\ndef f(x=1.5e-3): return None  # <x>\ns = rb'a\\'\nt = '''a\nb'''\n", "python"),
        "function(@app.get)\nstorage(def) function(f)(x=numeric(1.5e-3)): keyword(return) language(None)  comment(# <x>)\n\
         s = string(rb'a\\')\nt = string('''a)\nstring(b''')\n"
    );
    assert_eq!(
        short(">>> x = '''a\n... b'''\n>>> x\n'a'\n...\n", "pycon"),
        "comment(>>> )x = string('''a)\ncomment(... )string(b''')\ncomment(>>> )x\n'a'\n...\n"
    );
}

#[test]
fn other_languages_are_read() {
    assert_eq!(
        short("fn f<'a>(x: &'a str) {} // c", "rust"),
        "storage(fn) function(f)<'a>(x: &'a type(str)) {} comment(// c)"
    );
    assert_eq!(
        short("#include <x.h>\nint a = 0xFF; /* b\nc */", "c"),
        "keyword(#include )<x.h>\ntype(int) a = numeric(0xFF); comment(/* b)\ncomment(c */)"
    );
    assert_eq!(
        short("$ echo \"$X\" # c\nout\n", "console"),
        "comment($ )type(echo) string(\"$X\") comment(# c)\nout\n"
    );
    assert_eq!(short("SELECT a FROM b -- c", "sql"), "keyword(SELECT) a keyword(FROM) b comment(-- c)");
    assert_eq!(short("a: true # b\n", "yaml"), "tag(a): language(true) comment(# b)\n");
    assert_eq!(short("[a]\nb.c = 'd'", "toml"), "[a]\ntag(b.c) = string('d')");
    assert_eq!(
        short("<!-- a --><a href=\"x\">{{ y }}</a>{% if z %}&amp;", "html+django"),
        "comment(<!-- a -->)<tag(a) attribute-name(href)=string(\"x\")>string({{ y }})</tag(a)>keyword({% if z %})character(&amp;)"
    );
    assert_eq!(
        short("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n", "diff"),
        "header(--- a)\nheader(+++ b)\nrange(@@ -1 +1 @@)\ndeleted(-x)\ninserted(+y)\n z\n"
    );
}

#[test]
fn the_rest_goes_to_syntect() {
    let html = highlight("puts '<'\n", "ruby").unwrap();
    assert!(html.contains("hl-string") && html.contains("&lt;") && !html.contains("style="), "{html}");
    assert_eq!(highlight("x", "no such language"), None);
    assert_eq!(highlight(&"x".repeat(3000), "ruby"), None);
}

#[test]
fn sheet_has_both_themes() {
    let css = highlight_css();
    assert!(
        css.contains(".hl-comment") && css.contains("prefers-color-scheme: dark") && css.contains("[data-theme=dark]")
    );
}

#[test]
fn long_nasty_code_takes_linear_time() {
    for unit in
        ["'", "\"", "/*", "<", "{{", "@", "$", "${", "a.", "#", "\n#", "&", ">>> '", "r'", "0x", "é", "  ", "\t"]
    {
        let code = unit.repeat(30_000 / unit.len());
        for language in ["python", "rust", "c", "sh", "html", "pycon", "console", "yaml", "diff", "sql", "rst"] {
            assert!(highlight(&code, language).unwrap().len() >= code.len());
        }
    }
}

proptest! {
    #[test]
    fn nothing_of_the_code_is_lost(code in "[a-z0-9'\"/*#<>{}%&$@ \\n\\\\.=:>-]{0,80}|\\PC{0,60}") {
        for language in ["python", "rust", "c", "js", "sh", "html", "pycon", "console", "yaml", "toml", "diff", "sql", "css", "json", "go", "java", "ini", "rst"] {
            let html = highlight(&code, language).unwrap();
            let mut text = String::new();
            let mut rest = html.as_str();
            while let Some(at) = rest.find('<') {
                text.push_str(&rest[..at]);
                let end = rest[at..].find('>').unwrap();
                rest = &rest[at + end + 1..];
            }
            text.push_str(rest);
            prop_assert_eq!(text, escape::escape(&code), "{}", language);
            for line in html.lines() {
                prop_assert_eq!(line.matches("<span").count(), line.matches("</span>").count());
            }
        }
    }
}
