use rst::html::{HtmlOptions, html};

use super::*;

fn render(source: &str, options: &Options<'_>) -> String {
    let writer = HtmlOptions { raw: true, heading_links: false, ..HtmlOptions::default() };
    html(&parse(source, options), &writer)
}

fn message(source: &str) -> String {
    render(source, &Options::default())
}

fn page(source: &str) -> String {
    render(source, &Options { myst: true, ..Options::default() })
}

#[test]
fn headings_make_sections() {
    assert_eq!(
        message("# A\n\nx\n\n### B\n\n# A\n"),
        "<section id=\"a\">\n<h1>A</h1>\n<p>x</p>\n<section id=\"b\">\n<h2>B</h2>\n</section>\n</section>\n<section id=\"a-1\">\n<h1>A</h1>\n</section>\n"
    );
    assert_eq!(message("> # Q"), "<blockquote>\n<h1 id=\"q\">Q</h1>\n</blockquote>\n");
}

#[test]
fn github_extensions_work() {
    assert_eq!(message("~~a~~ `b`"), "<p><del>a</del> <code>b</code></p>\n");
    assert_eq!(
        message("- [x] a\n- [ ] b"),
        "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled checked> a</li>\n\
         <li class=\"task\"><input type=\"checkbox\" disabled> b</li>\n</ul>\n"
    );
    assert_eq!(
        message("> [!WARNING]\n> x"),
        "<aside class=\"admonition warning\" role=\"note\">\n<p class=\"admonition-title\">Warning</p>\n<p>x</p>\n</aside>\n"
    );
    assert_eq!(
        message("| a | b |\n|---|--:|\n| 1 | *2* |").replace('\n', ""),
        "<table><thead><tr><th scope=\"col\">a</th><th class=\"align-right\" scope=\"col\">b</th></tr></thead>\
         <tbody><tr><td>1</td><td class=\"align-right\"><em>2</em></td></tr></tbody></table>"
    );
}

#[test]
fn footnotes_are_numbered_by_mention() {
    let out = message("x[^b] y[^a] z[^b]\n\n[^a]: A\n[^b]: B\n[^c]: C\n");
    assert!(out.contains("<p>x<a id=\"footnote-ref-1-1\" class=\"footnote-reference\" role=\"doc-noteref\" href=\"#footnote-1\">[1]</a> y"));
    assert!(out.contains("<span class=\"label\">[1] <span class=\"backrefs\">(<a role=\"doc-backlink\" href=\"#footnote-ref-1-1\">1</a>,"), "{out}");
    assert!(out.contains("<p>B</p>") && out.contains("<p>A</p>") && !out.contains("<p>C</p>"));
    assert!(out.find("<p>B</p>") < out.find("<p>A</p>"));
}

#[test]
fn raw_html_follows_the_trust() {
    let source = "a <kbd>b</kbd> <x onclick=y> <b>c\n\n<script>alert(1)</script>\n\n<div onclick=\"x\">d</div>\n";
    assert_eq!(
        message(source),
        "<p>a <kbd>b</kbd> &lt;x onclick=y&gt; <strong>c</strong></p>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n\
         <p>&lt;div onclick=&quot;x&quot;&gt;d&lt;/div&gt;</p>\n"
    );
    let sanitized = render(source, &Options { raw_html: RawHtml::Sanitize, ..Options::default() });
    assert!(
        !sanitized.contains("script") && sanitized.contains("<div>d</div>") && !sanitized.contains("<x"),
        "{sanitized}"
    );
    assert!(
        render(source, &Options { raw_html: RawHtml::Keep, ..Options::default() })
            .contains("<script>alert(1)</script>")
    );
    assert_eq!(message("a <!-- b --> c</b>"), "<p>a  c&lt;/b&gt;</p>\n");
}

#[test]
fn definitions_stand_in_items() {
    let out = page("a\n: one\n: two\n\nb\n: three\n");
    assert_eq!(out, "<dl>\n<dt>a</dt>\n<dd>one</dd>\n<dd>two</dd>\n<dt>b</dt>\n<dd>three</dd>\n</dl>\n");
}

#[test]
fn labels_and_links_meet() {
    let out = page("(start)=\n# The *Start*\n\nSee [](#start), [x](#the-start) and [y](#elsewhere).\n");
    assert!(out.starts_with("<span id=\"start\"></span><section id=\"the-start\">"), "{out}");
    assert!(out.contains("<a href=\"#start\">The Start</a>, <a href=\"#the-start\">x</a>"), "{out}");
    assert!(out.contains("<span class=\"xref unresolved\">y</span>"), "{out}");
}

#[test]
fn formulas_are_kept_for_the_writer() {
    let out = page("$a<b$ and\n\n$$\nx^2\n$$\n");
    assert_eq!(out, "<p><code class=\"math\">a&lt;b</code> and</p>\n<div class=\"math\"><pre>x^2</pre></div>\n");
}

#[test]
fn depth_is_bounded() {
    let out = message(&">".repeat(10_000));
    assert!(out.matches("<blockquote>").count() <= 64);
    let out = message(&"- ".repeat(5_000));
    assert!(out.matches("<ul>").count() <= 64);
    let out = message(&format!("{}x", "*a **b ".repeat(3_000)));
    assert!(out.contains('x'));
}
