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
        "<ul>\n<li class=\"task\"><input type=\"checkbox\" aria-label=\"Done\" disabled checked> a</li>\n\
         <li class=\"task\"><input type=\"checkbox\" aria-label=\"To do\" disabled> b</li>\n</ul>\n"
    );
    for (sign, class, title) in [
        ("NOTE", "note", "Note"),
        ("TIP", "tip", "Tip"),
        ("IMPORTANT", "important", "Important"),
        ("WARNING", "warning", "Warning"),
        ("CAUTION", "caution", "Caution"),
    ] {
        assert_eq!(
            message(&format!("> [!{sign}]\n> x")),
            format!(
                "<aside class=\"admonition {class}\" role=\"note\">\n<p class=\"admonition-title\">{title}</p>\n<p>x</p>\n</aside>\n"
            )
        );
    }
    assert_eq!(
        message("| a | b |\n|---|--:|\n| 1 | *2* |").replace('\n', ""),
        "<table><thead><tr><th scope=\"col\">a</th><th class=\"align-right\" scope=\"col\">b</th></tr></thead>\
         <tbody><tr><td>1</td><td class=\"align-right\"><em>2</em></td></tr></tbody></table>"
    );
    assert!(message("| | b |\n|---|---|\n| 1 | 2 |").contains("<tr>\n<td></td>\n<th scope=\"col\">b</th>"));
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

/// A page in the full profile, where directives of the Sphinx dialect are known.
fn myst(source: &str) -> String {
    render(source, &Options { myst: true, rst: rst::Options::new("page.md"), ..Options::default() })
}

#[test]
fn directives_stand_in_fences() {
    assert_eq!(
        myst("```{note}\nA *b*\n\n- c\n```\n"),
        "<aside class=\"admonition note\" role=\"note\">\n<p class=\"admonition-title\">Note</p>\n<p>A <em>b</em></p>\n<ul>\n<li>c</li>\n</ul>\n</aside>\n"
    );
    assert_eq!(myst("```{tip} at *once*\n```\n"), myst(":::{tip}\nat *once*\n:::\n"));
    let out = myst("```{admonition} Be *sharp*\n:class: x\n\nA `b` [c](d)\n```\n");
    assert!(
        out.contains(
            "<p class=\"admonition-title\">Be <em>sharp</em></p>\n<p>A <code>b</code> <a href=\"d\">c</a></p>"
        ),
        "{out}"
    );
    assert!(out.contains("admonition x"), "{out}");
    let out = myst("::::{warning}\n:::{hint}\nx\n:::\n\ny\n::::\n");
    assert!(
        out.contains("admonition warning") && out.contains("admonition hint") && out.ends_with("<p>y</p>\n</aside>\n"),
        "{out}"
    );
}

#[test]
fn links_of_the_page_hold_in_its_directives() {
    let out = myst(":::{note}\n[a], [b][c] and [d]\n\n[d]: /d\n:::\n\n[A]: /a\n[c]: /c 'T'\n");
    assert!(out.contains("<a href=\"/a\">a</a>, <a href=\"/c\" title=\"T\">b</a> and <a href=\"/d\">d</a>"), "{out}");
}

#[test]
fn code_and_images_come_by_directive() {
    let out = myst("```{code-block} python\nx = *1*\n```\n");
    assert!(out.contains("x = *1*") && out.contains("<pre class=\"code"), "{out}");
    let out = myst("```{figure} a.png\n:alt: A\n:width: 20px\n\nThe *caption*\n\nThe legend\n```\n");
    assert_eq!(
        out,
        "<figure>\n<img src=\"a.png\" alt=\"A\" width=\"20\" loading=\"lazy\">\n<figcaption>\n<p>The <em>caption</em></p>\n\
         <div class=\"legend\">\n<p>The legend</p>\n</div>\n</figcaption>\n</figure>\n"
    );
}

#[test]
fn list_tables_have_markdown_cells() {
    let out = myst("```{list-table} T\n:header-rows: 1\n:name: tab\n\n* - A\n  - B\n* - `c`\n  - d\n\n    e\n```\n");
    assert_eq!(
        out.replace('\n', ""),
        "<table id=\"tab\"><caption>T</caption><thead><tr><th scope=\"col\">A</th><th scope=\"col\">B</th></tr></thead>\
         <tbody><tr><td><code>c</code></td><td><p>d</p><p>e</p></td></tr></tbody></table>"
    );
    assert!(myst("```{list-table}\n* - a\n* - b\n  - c\n```\n").contains("as many cells"));
}

#[test]
fn roles_stand_before_code() {
    assert_eq!(
        myst("a{sub}`2` {strong}`x` {not a role}`z`"),
        "<p>a<sub>2</sub> <strong>x</strong> {not a role}<code>z</code></p>\n"
    );
    assert!(myst("{nosuchrole}`y`").contains("Unknown interpreted text role"));
    assert_eq!(myst("{math}`\\alpha`"), "<p><code class=\"math\">\\alpha</code></p>\n");
}

#[test]
fn rst_is_evaluated_in_a_fence() {
    let out = myst("# A\n\n```{eval-rst}\n.. note:: From *reST*\n\n``x``\n```\n");
    assert!(
        out.contains("admonition note") && out.contains("<em>reST</em>") && out.contains("<code>x</code>"),
        "{out}"
    );
}

#[test]
fn lines_of_messages_are_lines_of_the_page() {
    let source = "# A\n\n```{nosuch} x\ny\n```\n\n```{note}\n:class: b\n\n{nosuch2}`x`\n```\n";
    let doc = parse(source, &Options { myst: true, rst: rst::Options::new("page.md"), ..Options::default() });
    let lines: Vec<_> = doc.messages.iter().filter(|m| m.level >= rst::Level::Warning).map(|m| m.line).collect();
    assert_eq!(lines, [Some(3), Some(10)], "{:?}", doc.messages);
}

#[test]
fn rst_and_markdown_share_their_names() {
    let out = myst(
        "# Start\n\n```{contents}\n```\n\n(here)=\n## Part\n\n```{eval-rst}\nSee `Part`_, here_ and [#]_.\n\n.. _there:\n\n.. [#] Note.\n```\n\n[x](#there) [](#here)\n",
    );
    assert!(out.contains("<nav") && out.contains("href=\"#part\""), "{out}");
    assert!(out.contains("<a href=\"#part\">Part</a>, <a href=\"#here\">here</a>"), "{out}");
    assert!(out.contains("<a href=\"#there\">x</a> <a href=\"#here\">Part</a>"), "{out}");
    assert!(out.contains("doc-noteref") && !out.contains("system-message"), "{out}");
}
