use std::borrow::Cow;

use rst::html::{Link as Found, Xref};

use super::*;

#[test]
fn page_knows_its_parts() {
    let source = "---\ntags: a\n---\n# Hello `x`\n\nSee [a](b.md) and #12.\n\n## Same\n\n## Same\n\n![i](p.png)\n\n[bad](javascript:x) <b>\n";
    let page = page(source, Format::Markdown, &PageOptions::default());
    assert_eq!(page.title.as_deref(), Some("Hello x"));
    assert_eq!(page.meta.get("tags"), Some("a"));
    let toc: Vec<_> = page.toc.iter().map(|h| (h.level, h.id.as_str())).collect();
    assert_eq!(toc, [(1, "hello-x"), (2, "same"), (2, "same-1")]);
    assert_eq!(page.links[0], Link { target: "b.md".into(), line: 6, image: false });
    assert_eq!(page.links[1], Link { target: "p.png".into(), line: 12, image: true });
    assert_eq!(page.warnings.len(), 1);
    assert_eq!(page.warnings[0].line, 14);
    assert!(page.html.contains("<a class=\"ref issue\" href=\"/issues/12\">#12</a>"), "{}", page.html);
    assert!(!page.html.contains("javascript"));
    assert_eq!(page.text, "Hello x\nSee a and #12.\nSame\nSame\nbad ");
}

struct Site;

impl Resolver for Site {
    fn resolve(&self, xref: &Xref<'_>) -> Option<Found> {
        (xref.target == "install").then(|| Found {
            url: "/install/#install".into(),
            title: Some("Installing".into()),
            ..Found::default()
        })
    }

    fn url<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        match uri.strip_suffix(".md") {
            Some("lost") => None,
            Some(page) => Some(format!("/{page}/").into()),
            None => Some(uri.into()),
        }
    }
}

#[test]
fn a_site_resolves_what_the_page_leaves_open() {
    let options = PageOptions { resolver: Some(&Site), ..PageOptions::default() };
    let page = page("[](#install), [b](b.md), [c](lost.md), [d](#nothing)\n", Format::Markdown, &options);
    assert_eq!(
        page.html,
        "<p><a class=\"xref\" href=\"/install/#install\">Installing</a>, <a href=\"/b/\">b</a>, \
         <span class=\"unresolved\">c</span>, <span class=\"xref unresolved\">d</span></p>\n"
    );
    assert_eq!(page.warnings.len(), 2, "{:?}", page.warnings);
}

#[test]
fn labels_are_offered_to_other_pages() {
    let tree = read("(here)=\n# The Title\n\n## Part\n", Format::Markdown, &PageOptions::default());
    let labels: Vec<_> = tree.labels().into_iter().map(|l| (l.name, l.id, l.title, l.explicit)).collect();
    let label = |name: &str, id: &str, title: &str, explicit| {
        (name.to_owned(), id.to_owned(), Some(title.to_owned()), explicit)
    };
    assert_eq!(
        labels,
        [
            label("here", "here", "The Title", true),
            label("the title", "the-title", "The Title", false),
            label("part", "part", "Part", false)
        ]
    );
}

#[test]
fn untrusted_html_is_sanitised() {
    let source = "<div onclick=\"x\" class=\"y\">a</div>\n\n<script>x</script>\n\nb\n";
    assert_eq!(page(source, Format::Markdown, &PageOptions::default()).html, "<div class=\"y\">a</div>\n<p>b</p>\n");
    let trusted = PageOptions { trusted: true, ..PageOptions::default() };
    assert!(page(source, Format::Markdown, &trusted).html.contains("<script>x</script>"));
}

#[test]
fn formulas_and_code_are_set() {
    let out = page("$x^2$\n\n```python\ndef f(): pass\n```\n", Format::Markdown, &PageOptions::default()).html;
    assert!(
        out.contains("<math")
            && out.contains("<pre class=\"code\" tabindex=\"0\"><code class=\"language-python\"><span class=\"hl-"),
        "{out}"
    );
    assert!(!out.contains("style="));
}

#[test]
fn rst_pages_know_as_much_as_markdown_pages() {
    let source = ".. meta::\n   :description: About it\n\n=====\nTitle\n=====\n\n:Author: Ann\n:Tags: a\n\n.. _here:\n\nPart *one*\n==========\n\n\
                  See `Part one`_, `other`_, [1]_ and #12.\n\n.. _other: https://x.org/\n\n.. [1] Note.\n\n.. image:: a.png\n   :alt: A\n";
    let tree = read(source, Format::Rst, &PageOptions::default());
    let page = tree.write(&PageOptions::default());
    assert_eq!(page.title.as_deref(), Some("Title"));
    assert_eq!(page.meta.get("author"), Some("Ann"));
    assert_eq!(page.meta.get("tags"), Some("a"));
    assert_eq!(page.meta.get("description"), Some("About it"));
    let toc: Vec<_> = page.toc.iter().map(|h| (h.level, h.id.as_str(), h.title.as_str())).collect();
    assert_eq!(toc, [(1, "title", "Title"), (2, "part-one", "Part one")]);
    assert_eq!(page.links[0].target, "https://x.org/");
    assert!(page.links[1].image);
    assert!(
        page.html.contains("See <a href=\"#part-one\">Part one</a>, <a href=\"https://x.org/\">other</a>"),
        "{}",
        page.html
    );
    assert!(page.html.contains("<a class=\"ref issue\" href=\"/issues/12\">#12</a>"));
    assert!(page.html.contains("role=\"doc-noteref\"") && page.html.contains("role=\"doc-backlink\""), "{}", page.html);
    let labels: Vec<_> = tree.labels().into_iter().filter(|l| l.explicit).map(|l| (l.name, l.title)).collect();
    assert!(labels.contains(&("here".to_owned(), Some("Part one".to_owned()))), "{labels:?}");
}

#[test]
fn broken_rst_is_shown_where_it_is() {
    let page = page(
        "---\ntitle: T\n---\nA *b\n\n.. nosuch:: x\n",
        Format::Rst,
        &PageOptions { source: "a.rst", ..PageOptions::default() },
    );
    let lines: Vec<_> = page.warnings.iter().map(|w| w.line).collect();
    assert_eq!(lines, [4, 6], "{:?}", page.warnings);
    assert_eq!(page.html.matches("<aside").count(), 2, "{}", page.html);
    assert!(page.html.contains("Error in a.rst, line 6"), "{}", page.html);
}

#[test]
fn a_page_tells_what_it_describes() {
    let source = ".. py:module:: os\n\n.. py:function:: walk(top)\n\n   See :py:func:`walk` and :option:`-f`.\n\n.. program:: git\n.. option:: -f, --force\n\n   x\n\n\
                  .. glossary::\n\n   Hub\n      A thing.\n\n.. index:: single: a; b\n\n.. _label:\n\nTitle\n=====\n\n:ref:`label` :term:`hub` :func:`nowhere`\n";
    let tree = read(source, Format::Rst, &PageOptions::default());
    let objects: Vec<_> =
        tree.objects().into_iter().map(|o| format!("{}:{} {} #{}", o.domain, o.kind, o.name, o.id)).collect();
    for wanted in [
        "py:module os #module-os",
        "py:function os.walk #os.walk",
        "std:option git.-f #cmdoption-git-f",
        "std:term hub #term-hub",
        "std:label label #",
    ] {
        assert!(objects.iter().any(|o| o.starts_with(wanted)), "{wanted} is not in {objects:?}");
    }
    assert!(tree.index().iter().any(|e| e.kind == "single" && e.words == "a; b"), "{:?}", tree.index());
    let out = tree.write(&PageOptions::default());
    assert!(
        out.html.contains("href=\"#os.walk\"")
            && out.html.contains(">Title</a>")
            && out.html.contains("href=\"#term-hub\""),
        "{}",
        out.html
    );
    let unknown: Vec<_> = out.warnings.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(unknown.len(), 2, "{unknown:?}");
}

#[test]
fn plain_pages_and_hidden_parts() {
    let plain = page("Hello\n\n> quoted\n", Format::Plain, &PageOptions::default());
    assert!(plain.html.contains("<blockquote>") && plain.text.starts_with("Hello"));
    let source = "A\n=\n\n.. only:: latex\n\n   B\n   -\n\nC\n-\n";
    let options = PageOptions::default();
    let out = page(source, Format::Rst, &options);
    assert!(!out.html.contains("<h2>B") && !out.toc.iter().any(|h| h.title == "B"), "{:?}", out.toc);
    let with = PageOptions { tags: &["html", "latex"], ..options };
    assert!(page(source, Format::Rst, &with).toc.iter().any(|h| h.title == "B"));
}

#[test]
fn pages_refer_to_objects_of_other_pages_and_projects() {
    let api = read(
        ".. py:module:: hub\n\n.. py:class:: Issue\n\n   .. py:method:: close()\n",
        Format::Rst,
        &PageOptions::default(),
    );
    let mut index = ObjectIndex::default();
    index.add(&api, "/api/");
    let python = inventory::Inventory {
        project: "Python".into(),
        version: "3".into(),
        items: vec![inventory::Item {
            name: "os.walk".into(),
            domain: "py".into(),
            kind: "function".into(),
            url: "os.html#os.walk".into(),
            title: None,
        }],
    };
    index.add_inventory(&python, "https://docs.python.org/3/");
    struct All(ObjectIndex);
    impl Resolver for All {
        fn resolve(&self, xref: &Xref<'_>) -> Option<Found> {
            let issue = || {
                (xref.role == "issue").then(|| Found { url: format!("/issues/{}", xref.target), ..Found::default() })
            };
            self.0.find(xref).or_else(issue)
        }
    }
    let resolver = All(index);
    let options = PageOptions { resolver: Some(&resolver), ..PageOptions::default() };
    let out = page(
        ":py:meth:`.close` :py:class:`hub.Issue` :py:func:`os.walk` :issue:`12` :py:func:`no`\n",
        Format::Rst,
        &options,
    );
    for part in [
        "href=\"/api/#hub.Issue.close\"",
        "href=\"/api/#hub.Issue\"",
        "href=\"https://docs.python.org/3/os.html#os.walk\" title=\"In the documentation of Python\"",
        "href=\"/issues/12\"",
    ] {
        assert!(out.html.contains(part), "{part} is not in {}", out.html);
    }
    assert_eq!(out.warnings.len(), 1, "{:?}", out.warnings);
    assert!(page("{issue}`12`", Format::Markdown, &options).html.contains("href=\"/issues/12\""));
}
