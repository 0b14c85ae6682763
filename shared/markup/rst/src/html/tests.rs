use super::*;
use crate::doctree::{Level, NodeId, Value};

fn doc(build: impl FnOnce(&mut Document, NodeId)) -> Document {
    let mut doc = Document::new("t.rst");
    let root = doc.root();
    build(&mut doc, root);
    doc
}

fn write(build: impl FnOnce(&mut Document, NodeId)) -> String {
    html(&doc(build), &HtmlOptions::default())
}

#[test]
fn sections_have_headings_with_links_to_themselves() {
    let out = write(|doc, root| {
        let outer = doc.add(root, Kind::Section);
        doc.push(outer, "ids", "a");
        doc.push(outer, "ids", "b");
        doc.add_with_text(outer, Kind::Title, "A & B");
        let inner = doc.add(outer, Kind::Section);
        doc.add_with_text(inner, Kind::Title, "C");
    });
    assert_eq!(
        out,
        "<section id=\"a\"><span id=\"b\"></span>\n<h1>A &amp; B<a class=\"headerlink\" href=\"#a\" aria-hidden=\"true\" tabindex=\"-1\">¶</a></h1>\n\
         <section>\n<h2>C</h2>\n</section>\n</section>\n"
    );
}

#[test]
fn deep_headings_keep_their_level() {
    let out = write(|doc, root| {
        let mut at = root;
        for _ in 0..7 {
            at = doc.add(at, Kind::Section);
            doc.add_with_text(at, Kind::Title, "x");
        }
    });
    assert!(out.contains("<h6>x</h6>") && out.contains("<p role=\"heading\" aria-level=\"7\">x</p>"), "{out}");
}

#[test]
fn footnotes_lead_there_and_back() {
    let out = write(|doc, root| {
        let p = doc.add(root, Kind::Paragraph);
        let r = doc.add_with_text(p, Kind::FootnoteReference, "1");
        doc.push(r, "ids", "r1");
        doc.set(r, "refid", "f1");
        for _ in 0..2 {
            let note = doc.add(root, Kind::Footnote);
            doc.push(note, "ids", "f1");
            doc.push(note, "backrefs", "r1");
            doc.add_with_text(note, Kind::Label, "1");
            doc.add_with_text(note, Kind::Paragraph, "x");
        }
    });
    assert!(
        out.starts_with("<p><a id=\"r1\" class=\"footnote-reference\" role=\"doc-noteref\" href=\"#f1\">[1]</a></p>\n"),
        "{out}"
    );
    assert_eq!(out.matches("<aside class=\"footnote-list\">").count(), 1);
    assert!(
        out.contains(
            "<span class=\"label\">[<a role=\"doc-backlink\" href=\"#r1\">1</a>]</span>\n<p>x</p>\n</div>\n</aside>"
        ),
        "{out}"
    );
}

#[test]
fn tables_have_scopes_and_spans() {
    let out = write(|doc, root| {
        let table = doc.add(root, Kind::Table);
        doc.add_with_text(table, Kind::Title, "T");
        let group = doc.add(table, Kind::Tgroup);
        for stub in [1, 0] {
            let spec = doc.add(group, Kind::Colspec);
            doc.set(spec, "stub", stub);
        }
        let head = doc.add(group, Kind::Thead);
        let row = doc.add(head, Kind::Row);
        let wide = doc.add(row, Kind::Entry);
        doc.set(wide, "morecols", 1);
        doc.add_with_text(wide, Kind::Paragraph, "H");
        let body = doc.add(group, Kind::Tbody);
        let row = doc.add(body, Kind::Row);
        let high = doc.add(row, Kind::Entry);
        doc.set(high, "morerows", 1);
        doc.add_with_text(high, Kind::Paragraph, "s");
        let cell = doc.add(row, Kind::Entry);
        doc.add_with_text(cell, Kind::Paragraph, "1");
        let row = doc.add(body, Kind::Row);
        let cell = doc.add(row, Kind::Entry);
        doc.add_with_text(cell, Kind::Paragraph, "2");
    });
    assert_eq!(
        out.replace('\n', ""),
        "<table><caption>T</caption><thead><tr><th scope=\"colgroup\" colspan=\"2\">H</th></tr></thead><tbody><tr>\
         <th scope=\"rowgroup\" rowspan=\"2\">s</th><td>1</td></tr><tr><td>2</td></tr></tbody></table>"
    );
}

/// What an author writes, and the element that a reader's software finds.
#[test]
fn constructs_have_elements_that_say_what_they_are() {
    for (text, want) in [
        (
            ".. note:: x\n",
            "<aside class=\"admonition note\" role=\"note\">\n<p class=\"admonition-title\">Note</p>\n<p>x</p>\n</aside>",
        ),
        (
            ".. admonition:: Be *sharp*\n\n   x\n",
            "<aside class=\"admonition admonition-be-sharp\" role=\"note\">\n<p class=\"admonition-title\">Be <em>sharp</em></p>",
        ),
        (
            ".. figure:: a.png\n   :alt: A\n\n   Words\n\n   More\n",
            "<figure>\n<img src=\"a.png\" alt=\"A\" loading=\"lazy\">\n<figcaption>\n<p>Words</p>\n\
             <div class=\"legend\">\n<p>More</p>\n</div>\n</figcaption>\n</figure>",
        ),
        (
            "[C]_\n\n.. [C] x\n",
            "<div class=\"citation-list\" role=\"list\">\n<div id=\"c\" class=\"citation\" role=\"listitem\">\n\
             <span class=\"label\">[<a role=\"doc-backlink\" href=\"#citation-reference-1\">C</a>]</span>\n<p>x</p>",
        ),
        (
            ".. contents:: Parts\n\nA\n=\n\nB\n=\n",
            "<nav id=\"parts\" class=\"contents\" role=\"doc-toc\" aria-label=\"Parts\">\n<p class=\"topic-title\">Parts</p>",
        ),
        ("A\n=\n\n.. contents:: :local:\n\nB\n-\n\nC\n-\n\nD\n=\n", "role=\"doc-toc\" aria-label=\"A\">\n<ul>"),
        (
            ".. toctree::\n   :caption: Manual\n\n   a\n",
            "<nav class=\"toctree-wrapper\" aria-label=\"Manual\">\n<p class=\"caption\">Manual</p>\n<ul>\n<li>a</li>\n</ul>\n</nav>",
        ),
        (".. toctree::\n\n   a\n", "<div class=\"toctree-wrapper\">\n<ul>\n<li>a</li>\n</ul>\n</div>"),
        (".. topic:: T\n\n   x\n", "<aside class=\"topic\">\n<p class=\"topic-title\">T</p>\n<p>x</p>\n</aside>"),
        (".. sidebar:: T\n\n   x\n", "<aside class=\"sidebar\">\n<p class=\"sidebar-title\">T</p>\n<p>x</p>\n</aside>"),
        (
            "a : b\n   x\n",
            "<dl>\n<dt>a <span class=\"classifier-delimiter\">:</span> <span class=\"classifier\">b</span></dt>",
        ),
        (
            "-a, --all=X  x\n",
            "<dt><kbd><span class=\"option\">-a</span>, <span class=\"option\">--all=<var>X</var></span></kbd></dt>",
        ),
        ("c. x\n#. y\n", "<ol type=\"a\" start=\"3\">\n<li>x</li>\n<li>y</li>\n</ol>"),
        ("  x\n\n  -- Ann\n", "<blockquote>\n<p>x</p>\n<p class=\"attribution\">—Ann</p>\n</blockquote>"),
        ("a\n\n----\n\nb\n", "<p>a</p>\n<hr>\n<p>b</p>"),
        ("a::\n\n  <b>\n", "<pre tabindex=\"0\"><code>&lt;b&gt;</code></pre>"),
        (":code:`x` :sub:`2` :t:`T`", "<code class=\"code\">x</code> <sub>2</sub> <cite>T</cite>"),
        (
            "*a\n",
            "<a id=\"problematic-1\" class=\"problematic\" href=\"#system-message-1\">*</a>a</p>\n\
             <aside id=\"system-message-1\" class=\"system-message\" role=\"note\">",
        ),
    ] {
        let out = html(&crate::parse(text, &crate::Options::new("t.rst")), &HtmlOptions::default());
        assert!(out.contains(want), "{text}\n{want}\nis not in\n{out}");
    }
}

/// Code and formulas are the caller's: what it answers goes out inside the element.
#[test]
fn hooks_colour_code_and_set_formulas() {
    struct Set;
    impl Hooks for Set {
        fn code(&self, code: &str, language: &str) -> Option<String> {
            (language == "rust").then(|| format!("<b>{code}</b>"))
        }
        fn math(&self, latex: &str, block: bool) -> Option<String> {
            Some(format!("<math{}>{latex}</math>", if block { " display=\"block\"" } else { "" }))
        }
    }
    let text = ".. code:: rust\n\n   x\n\n.. code:: c\n\n   <y>\n\n:math:`a`\n\n.. math:: b\n";
    let doc = crate::parse(text, &crate::Options::new("t.rst"));
    let out = html(&doc, &HtmlOptions { hooks: &Set, ..HtmlOptions::default() });
    for part in [
        "<code class=\"language-rust\"><b>x</b></code>",
        "<code class=\"language-c\">&lt;y&gt;</code>",
        "<span class=\"math\"><math>a</math></span>",
        "<div class=\"math\"><math display=\"block\">b</math></div>",
    ] {
        assert!(out.contains(part), "{part}\nis not in\n{out}");
    }
}

#[test]
fn nothing_acts() {
    let build = |doc: &mut Document, root: NodeId| {
        let p = doc.add(root, Kind::Paragraph);
        let link = doc.add_with_text(p, Kind::Reference, "<x>");
        doc.set(link, "refuri", "javascript:alert(1)");
        let image = doc.add(p, Kind::Image);
        doc.set(image, "uri", "data:text/html,\"><script>");
        let raw = doc.add_with_text(root, Kind::Raw, "<script>");
        doc.set(raw, "format", "html");
        doc.set(p, "classes", Value::List(vec!["\"><b>".into()]));
    };
    let out = write(build);
    assert!(
        !out.contains("<script") && !out.contains("href") && !out.contains("<b>") && !out.contains("<img"),
        "{out}"
    );
    let trusted = HtmlOptions { raw: true, ..HtmlOptions::default() };
    assert!(html(&doc(build), &trusted).contains("<script>"));
}

#[test]
fn references_ask_the_resolver() {
    struct One;
    impl Resolver for One {
        fn resolve(&self, xref: &Xref<'_>) -> Option<Link> {
            (xref.domain == "py" && xref.target == "os.walk").then(|| Link {
                url: "/os#walk".into(),
                title: Some("os.walk()".into()),
                ..Link::default()
            })
        }
    }
    let doc = doc(|doc, root| {
        for target in ["os.walk", "nothing"] {
            let x = doc.add_with_text(root, Kind::PendingXref, target);
            doc.set(x, "refdomain", "py");
            doc.set(x, "reftype", "func");
            doc.set(x, "reftarget", target);
        }
    });
    let options = HtmlOptions { resolver: &One, ..HtmlOptions::default() };
    assert_eq!(
        html(&doc, &options),
        "<a class=\"xref\" href=\"/os#walk\">os.walk()</a><span class=\"xref unresolved\">nothing</span>"
    );
}

#[test]
fn messages_stand_in_their_place() {
    let out = write(|doc, root| {
        let message = doc.report(Level::Error, "Unknown <directive>.", "t.rst", Some(3));
        doc.append(root, message);
        let note = doc.report(Level::Info, "Quiet.", "t.rst", None);
        doc.append(root, note);
    });
    assert_eq!(
        out,
        "<aside class=\"system-message\" role=\"note\">\n<p class=\"system-message-title\">Error in t.rst, line 3</p>\n<p>Unknown &lt;directive&gt;.</p>\n</aside>\n"
    );
}

#[test]
fn a_deep_tree_costs_no_stack() {
    let out = write(|doc, root| {
        let mut at = root;
        for _ in 0..200_000 {
            at = doc.add(at, Kind::BlockQuote);
        }
    });
    assert_eq!(out.matches("<blockquote>").count(), 200_000);
}

#[test]
fn tables_stand_in_tables() {
    let doc = crate::parse(
        "+----------+---+\n| +---+--+ | x |\n| | a | b| |   |\n| +---+--+ |   |\n+==========+===+\n| c        | d |\n+----------+---+\n",
        &crate::Options::default(),
    );
    let out = html(&doc, &HtmlOptions::default()).replace('\n', "");
    assert!(out.contains("</tbody></table></th><th scope=\"col\">x</th></tr></thead>"), "{out}");
    assert!(out.contains("<td>c</td><td>d</td>"), "{out}");
}

#[test]
fn the_dialect_of_sphinx_is_written() {
    let text = "\
.. py:function:: os.join(path[, *paths]) -> str

   Joins, since :math:`a`.

.. option:: -f, --file <path>

   A file.

.. math:: a = b
   :label: one

See :eq:`one`, :kbd:`C-x`, :samp:`a{b}`, :abbr:`CSP (policy)`, :guilabel:`&File` and :rfc:`5321#section-4`.

.. code-block:: python
   :caption: A *file*
   :emphasize-lines: 2
   :linenos:

   a
   b

.. versionadded:: 1.2
   It works.

.. only:: latex

   Not here.

.. productionlist::
   a: `b` | \"c\"
";
    let doc = crate::parse(text, &crate::Options::default());
    let out = html(&doc, &HtmlOptions::default());
    for part in [
        "<dl class=\"py function\">\n<dt id=\"os.join\" class=\"sig\"><span class=\"sig-prename\">os.</span><span class=\"sig-name\">join</span>\
         <span class=\"sig-paren\">(</span><em class=\"sig-param\">path</em><span class=\"optional\">[</span>, <em class=\"sig-param\">*paths</em>\
         <span class=\"optional\">]</span><span class=\"sig-paren\">)</span> → <span class=\"sig-return\">str</span>",
        "<span class=\"sig-name\">--file</span><span class=\"sig-prename\"> &lt;path&gt;</span>",
        "<a class=\"eqno\" href=\"#equation-one\">(1)</a>",
        "<a class=\"eqref\" href=\"#equation-one\">(1)</a>",
        "<kbd class=\"kbd\">C-x</kbd>",
        "<samp class=\"samp\">a<em>b</em></samp>",
        "<abbr title=\"policy\">CSP</abbr>",
        "<span class=\"guilabel\">File</span>",
        "<div class=\"literal-block-wrapper\">\n<p class=\"caption\">A <em>file</em></p>",
        "<span class=\"ln\" aria-hidden=\"true\">2</span><mark class=\"hll\">b</mark>",
        "<div class=\"versionadded\">\n<p><span class=\"versionmodified added\">Added in version 1.2: </span>It works.</p>\n</div>",
        "<strong id=\"grammar-token-a\">a</strong> ::= ",
    ] {
        assert!(out.contains(part), "{part}\nis not in\n{out}");
    }
    assert!(!out.contains("Not here"));
}
