//! The 652 examples of CommonMark's specification, read from the `spec.txt` that `GUILDHALL_COMMONMARK_SPEC` names.
//!
//! `ops/conformance/commonmark` fetches the specification and runs this.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::borrow::Cow;

use guildhall_markup::markdown::{self, RawHtml};
use rst::html::{HtmlOptions, Link, Resolver, Style, Xref};

struct Anywhere;

impl Resolver for Anywhere {
    fn resolve(&self, _: &Xref<'_>) -> Option<Link> {
        None
    }

    fn url<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        Some(Cow::Borrowed(uri))
    }
}

fn render(source: &str) -> String {
    let options = markdown::Options { gfm: false, raw_html: RawHtml::Keep, ..markdown::Options::default() };
    let document = markdown::parse(source, &options);
    rst::html::html(
        &document,
        &HtmlOptions { style: Style::Bare, raw: true, resolver: &Anywhere, ..HtmlOptions::default() },
    )
}

/// Examples stand between fences of 32 backticks, source and HTML divided by a dot.
fn examples(spec: &str) -> Vec<(String, String)> {
    let fence = "`".repeat(32);
    let mut found = Vec::new();
    let mut lines = spec.lines();
    while let Some(line) = lines.next() {
        if line != format!("{fence} example") {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|l| *l != fence).collect();
        let dot = block.iter().position(|l| *l == ".").unwrap_or(block.len() - 1);
        let text = |part: &[&str]| part.iter().flat_map(|l| [*l, "\n"]).collect::<String>().replace('→', "\t");
        found.push((text(&block[..dot]), text(&block[dot + 1..])));
    }
    found
}

/// HTML with entities of quotes decoded (the specification's own test does the same), and no space between blocks.
fn normalized(html: &str) -> String {
    let html = html.replace("&quot;", "\"").replace("&#x27;", "'").replace("&#39;", "'");
    let mut out = String::new();
    let mut in_pre = false;
    for line in html.split_inclusive('\n') {
        if line.contains("<pre") {
            in_pre = true;
        }
        let block_end = [">\n"].iter().any(|end| line.ends_with(end)) && !line.ends_with("/>\n");
        out.push_str(if block_end && !in_pre { line.trim_end_matches('\n') } else { line });
        if line.contains("</pre>") {
            in_pre = false;
        }
    }
    for tag in [
        "<li>",
        "</li>",
        "<ul>",
        "</ul>",
        "<ol",
        "</ol>",
        "<p>",
        "<blockquote>",
        "</blockquote>",
        "<pre>",
        "<h1>",
        "<h2>",
    ] {
        out = out.replace(&format!("\n{tag}"), tag);
    }
    out.trim_end().to_owned()
}

#[test]
#[ignore = "needs CommonMark's specification: run ops/conformance/commonmark"]
fn all_examples_of_the_specification_pass() {
    let path = std::env::var("GUILDHALL_COMMONMARK_SPEC").expect("GUILDHALL_COMMONMARK_SPEC names the spec.txt");
    let spec = std::fs::read_to_string(&path).expect("the specification can be read");
    let examples = examples(&spec);
    let mut failed = Vec::new();
    for (number, (source, want)) in (1..).zip(&examples) {
        let got = render(source);
        if normalized(&got) != normalized(want) {
            failed.push(number);
            println!("--- example {number}\n{source}--- wanted\n{want}--- got\n{got}");
        }
    }
    println!("CommonMark: {} of {} examples", examples.len() - failed.len(), examples.len());
    assert_eq!(examples.len(), 652, "this is another version of the specification");
    assert!(failed.is_empty(), "failed: {failed:?}");
}
