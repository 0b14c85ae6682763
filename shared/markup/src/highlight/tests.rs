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
    assert_eq!(
        short("server {\n  set_header A $host; # b\n  gzip on;\n  pass http://a:8080;\n}\n", "nginx"),
        "keyword(server) {\n  set_header A variable($host); comment(# b)\n  gzip language(on);\n  pass http://a:8080;\n}\n"
    );
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
fn markdown_is_read() {
    assert_eq!(
        short(
            "(here)=\n# A *b*\n\n- see [x](y.md), `z` and **w**; a_b_c\n\n```{note}\n:name: n\n```\n:::{tip}\n*a*\n",
            "markdown"
        ),
        "tag((here)=)\nkeyword(# A *b*)\n\nkeyword(-) see [x]string((y.md)), string(`z`) and storage(**w**); a_b_c\n\n\
         keyword(```{note})\nattribute-name(:name:) n\nkeyword(```)\nkeyword(:::{tip})\nstorage(*a*)\n"
    );
    assert_eq!(
        short("~~~ sh\necho # b\n~~~\n1. a\n> b\n[c]: d\n", "md"),
        "keyword(~~~ sh)\ntype(echo) comment(# b)\nkeyword(~~~)\nkeyword(1.) a\ncomment(>) b\ntag([c]:) d\n"
    );
}

#[test]
fn fences_within_fences_lead_no_deeper() {
    for unit in ["```md\n~~~MD\n", "```{a}\n", "~~~myst\n````md\n", " [a](", " _a*`"] {
        let code = unit.repeat(400_000 / unit.len());
        assert!(highlight(&code, "markdown").unwrap().len() >= code.len());
    }
}

#[test]
fn the_rest_goes_to_syntect() {
    let html = highlight("puts '<'\n", "ruby").unwrap();
    assert!(html.contains("hl-string") && html.contains("&lt;") && !html.contains("style="), "{html}");
    assert_eq!(highlight("x", "no such language"), None);
    assert_eq!(highlight(&"x".repeat(3000), "ruby"), None);
}

/// Every colour is a token of the theme, which has a light and a dark side whose contrast the kernel's tests measure.
#[test]
fn the_theme_colours_code_in_light_and_dark() {
    const MEASURED: [&str; 9] = ["ink", "ink-soft", "ink-faint", "accent", "open", "waiting", "done", "danger", "note"];
    let sheet = include_str!("../../../../themes/default/static/reading.css");
    let rules: Vec<&str> = sheet.lines().map(str::trim).filter(|line| line.starts_with(".hl-")).collect();
    for rule in &rules {
        let colour = rule.split("color: ").nth(1).and_then(|rest| rest.split(';').next());
        let token = colour.and_then(|colour| colour.strip_prefix("var(--")?.strip_suffix(')'));
        let plain = colour.is_none_or(|colour| colour == "inherit");
        assert!(plain || token.is_some_and(|token| MEASURED.contains(&token)), "{rule}");
    }
    for (code, language) in [
        ("# a", "python"),
        ("'a'", "python"),
        ("1", "python"),
        ("if", "python"),
        ("def", "python"),
        ("+a", "diff"),
        ("-a", "diff"),
        ("@@ -1 +1 @@", "diff"),
    ] {
        let html = highlight(code, language).unwrap();
        let classes = html.split('"').nth(1).unwrap_or_default();
        let coloured = |selector: &str| selector.split('.').skip(1).all(|class| classes.split(' ').any(|c| c == class));
        let selectors = rules.iter().flat_map(|rule| rule.split('{').next().unwrap_or_default().split(','));
        assert!(selectors.map(str::trim).any(coloured), "no colour for {classes}");
    }
}

#[test]
fn long_nasty_code_takes_linear_time() {
    for unit in
        ["'", "\"", "/*", "<", "{{", "@", "$", "${", "a.", "#", "\n#", "&", ">>> '", "r'", "0x", "é", "  ", "\t"]
    {
        let code = unit.repeat(30_000 / unit.len());
        for language in
            ["python", "rust", "c", "sh", "html", "pycon", "console", "yaml", "diff", "sql", "rst", "markdown"]
        {
            assert!(highlight(&code, language).unwrap().len() >= code.len());
        }
    }
}

proptest! {
    #[test]
    fn nothing_of_the_code_is_lost(code in "[a-z0-9'\"/*#<>{}%&$@ \\n\\\\.=:>-]{0,80}|\\PC{0,60}") {
        for language in ["python", "rust", "c", "js", "sh", "html", "pycon", "console", "yaml", "toml", "diff", "sql", "css", "json", "go", "java", "ini", "nginx", "rst", "markdown"] {
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
