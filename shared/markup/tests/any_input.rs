//! Whatever people send: no panic, no more than linear work, nothing that acts in the HTML, every element closed.

#![allow(clippy::expect_used, reason = "a test that cannot go on stops")]

use guildhall_markup::{Format, PageOptions, Viewer, excerpt, message_html, page, sanitize, text_of_html};
use proptest::prelude::*;

const PIECES: [&str; 64] = [
    "# ",
    "> ",
    "- ",
    "1. ",
    "* ",
    "    ",
    "\n",
    "\n\n",
    "```",
    "```rust\n",
    "~~~",
    "`",
    "``",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "]",
    "](",
    ")",
    "(",
    "!",
    "[^a]",
    "[^a]: ",
    "[x]: ",
    "<",
    ">",
    "<b>",
    "</b>",
    "<script>",
    "<!--",
    "-->",
    "<div onclick=x>",
    "<br>",
    "<kbd>",
    "javascript:alert(1)",
    "https://x.org",
    "a@x.org",
    "<a@x.org>",
    "| a | b |\n|---|---|\n",
    "|",
    "---",
    "===",
    "\\",
    "&amp;",
    "&",
    "\"",
    "'",
    "$",
    "$$",
    "(l)=\n",
    "{note}",
    ":::",
    "é",
    "\u{0}",
    "\t",
    "-- \n",
    "wrote:\n",
    "[ ] ",
    "[!NOTE]\n",
    "#12",
    ": ",
    "\r\n",
];

const RST_PIECES: [&str; 34] = [
    ".. ",
    "note::",
    "image:: x",
    "::",
    "\n\n",
    "\n",
    "   ",
    "=====",
    "-----",
    "|x|",
    "``",
    "`",
    "*",
    "**",
    "_",
    "__",
    "`_",
    ":ref:`",
    ".. [1] ",
    "[1]_",
    ".. |x| replace:: ",
    ".. _a: ",
    "+---+\n| a |\n+---+\n",
    "== ==\na  b\n== ==\n",
    "- ",
    "1. ",
    ":a: ",
    "raw:: html",
    "include:: /etc/passwd",
    "<script>",
    "javascript:x",
    "\t",
    "é",
    "#12",
];

fn text_of(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![4 => prop::sample::select(pieces), 1 => Just("word ")], 0..40)
        .prop_map(|p| p.concat())
}

/// Panics when a tag acts, or is not closed in its turn.
fn check(html: &str) {
    const VOID: [&str; 6] = ["br", "hr", "img", "input", "col", "wbr"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let Some(end) = rest[at..].find('>') else { panic!("a tag does not end in {html}") };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        let name = tag.trim_matches('/').split([' ', '/']).next().unwrap_or_default();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric()), "{tag} in {html}");
        assert!(!matches!(name, "script" | "style" | "iframe" | "form"), "{html}");
        assert!(!tag.contains(" on") && !tag.contains("\"javascript:") && !tag.contains(" style="), "{html}");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
        } else if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open in {html}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn markdown_messages_are_safe(text in text_of(&PIECES), knows_addresses: bool) {
        check(&message_html(&text, Format::Markdown, &Viewer { knows_addresses }));
    }

    #[test]
    fn plain_messages_are_safe(text in text_of(&PIECES), knows_addresses: bool) {
        check(&message_html(&text, Format::Plain, &Viewer { knows_addresses }));
    }

    #[test]
    fn rst_messages_are_safe(text in text_of(&RST_PIECES), knows_addresses: bool) {
        check(&message_html(&text, Format::Rst, &Viewer { knows_addresses }));
    }

    #[test]
    fn markdown_pages_are_safe(text in text_of(&PIECES)) {
        check(&page(&text, Format::Markdown, &PageOptions::default()).html);
    }

    #[test]
    fn rst_pages_are_safe(text in text_of(&RST_PIECES)) {
        check(&page(&text, Format::Rst, &PageOptions::default()).html);
    }

    #[test]
    fn foreign_html_is_safe(text in text_of(&PIECES)) {
        check(&sanitize::html(&text));
        let plain = text_of_html(&text);
        prop_assert!(excerpt(&plain, 20).chars().count() <= 21);
    }

    #[test]
    fn strangers_never_see_the_domain(text in text_of(&["a@x.org", " ", "<", ">", "`", "*", "\n", "[", "](mailto:", ")", "    ", "(", ".", "é"])) {
        for format in [Format::Plain, Format::Markdown, Format::Rst] {
            prop_assert!(!message_html(&text, format, &Viewer::default()).contains("a@x.org"));
        }
    }
}

/// What this thread has worked so far, seconds of CPU (Linux, `proc_pid_schedstat(5)`): others on the machine do not count.
fn worked() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel tells");
    let nanos = told.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()).expect("nanoseconds");
    nanos / 1e9
}

/// Twice the text may not take much more than twice the work.
#[test]
fn work_grows_with_the_text() {
    let nasty = [
        "> ", "- ", "*a ", "**a", "[", "![", "[a](", "<a", "`", "a@", "[^a]", "# a\n", "| a |\n", "~~", "\\", "&",
        "(a)=\n", "a\n: b\n", "<b>", "1. ", "_a ",
    ];
    let viewer = Viewer::default();
    for format in [Format::Plain, Format::Markdown, Format::Rst] {
        for unit in nasty {
            let work = |bytes: usize| {
                let text = unit.repeat(bytes / unit.len());
                let start = worked();
                let html = message_html(&text, format, &viewer);
                assert!(html.len() < bytes * 200 + 10_000, "{unit:?} grows to {} bytes", html.len());
                worked() - start
            };
            let (small, large) = (work(15_000), work(120_000));
            assert!(large < small * 32.0 + 0.25, "{unit:?} as {}: {small:.3} s, then {large:.3} s", format.name());
        }
    }
}
