//! No input makes the crate panic, hang, or eat more memory than the input deserves.

use guildhall_rst::{Dialect, Document, Options, parse, pseudo_xml};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("sample.rst");

/// Reads a text in every dialect and profile; the size of the tree must follow that of the text.
fn read(text: &str) -> Document {
    for dialect in [Dialect::Docutils, Dialect::Sphinx] {
        for (smart_quotes, character_level_markup) in [(true, false), (false, true)] {
            let options = Options {
                dialect,
                smart_quotes,
                character_level_markup,
                section_subtitles: true,
                pep_references: true,
                rfc_references: true,
                raw: true,
                ..Options::new("any.rst")
            };
            let doc = parse(text, &options);
            assert!(doc.len() < 2_000 + 40 * text.len(), "{} nodes for {} bytes", doc.len(), text.len());
            pseudo_xml(&doc);
        }
    }
    parse(text, &Options::restricted("any.rst"))
}

/// Words of the language, to be strung together.
fn words() -> impl Strategy<Value = String> {
    let words = [
        "*",
        "**",
        "`",
        "``",
        "|",
        "_",
        "__",
        "[",
        "]_",
        "[#",
        "[*]_",
        "<",
        ">",
        ":a:",
        "::",
        ":",
        "\\",
        "\\ ",
        " ",
        "\n",
        "\n\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n1. ",
        "\n#. ",
        "\n(i) ",
        "\n.. ",
        "\n.. _a: ",
        "\n.. |a| ",
        "\n.. [1] ",
        "\n.. a:: ",
        "\n.. note:: ",
        "\n.. table:: ",
        "\n.. figure:: a\n   :width: ",
        "\n.. class:: ",
        "\n.. role:: ",
        "\n__ ",
        "\n+--+--+\n",
        "| a|\n",
        "\n== ==\n",
        "\n====\n",
        "\n----\n",
        "\n>>> ",
        "\n| ",
        "\n-a  ",
        "\n:a: ",
        "\t",
        "\u{c}",
        "é",
        "日",
        "\u{301}",
        "\u{a0}",
        "\u{2028}",
        "\0",
        "http://a.b",
        "a@b.c",
        "PEP 1",
        "RFC1",
        "word",
        "a",
        "Z",
        "9",
        "\n.. contents::\n",
        "\n.. toctree::\n",
        "\n.. py:function:: ",
        "\n.. only:: ",
        "\n.. csv-table::\n\n   \"",
        "replace:: ",
        "image:: ",
        "unicode:: ",
        "\n.. list-table::\n\n   * - ",
        "\n.. include:: a\n",
        "\n.. raw:: html\n\n   ",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn strings_of_markup_are_read(text in words()) {
        read(&text);
    }

    #[test]
    fn any_characters_are_read(text in "\\PC{0,200}") {
        read(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_sample_is_read(from in 0..SAMPLE.len(), length in 0..SAMPLE.len()) {
        let from = SAMPLE.floor_char_boundary(from);
        let to = SAMPLE.floor_char_boundary((from + length).min(SAMPLE.len()));
        read(&SAMPLE[from..to]);
    }

    #[test]
    fn a_changed_sample_is_read(changes in prop::collection::vec((0..SAMPLE.len(), 0..SAMPLE.len(), words()), 1..8)) {
        let mut text = SAMPLE.to_owned();
        for (at, length, word) in changes {
            let at = text.floor_char_boundary(at.min(text.len()));
            let to = text.floor_char_boundary((at + length % 40).min(text.len()));
            text.replace_range(at..to.max(at), &word);
        }
        read(&text);
    }
}

/// Texts that would take endless time, endless stack or a flood of nodes in a careless parser.
#[test]
fn hostile_texts_take_their_share() {
    let many = 20_000;
    let nested: String = (0..400).map(|i| format!("{}- a\n\n", "  ".repeat(i))).collect();
    let quoted: String = (0..400).map(|i| format!("{}a\n\n", " ".repeat(i))).collect();
    let notes: String = (0..400).map(|i| format!("{}.. note::\n\n", "   ".repeat(i))).collect();
    let rows: String = (0..300).map(|_| "|  |  |  |\n+--+--+--+\n").collect();
    let billion: String =
        (1..30).map(|i| format!(".. |a{i}| replace:: |a{}| |a{}|\n", i - 1, i - 1)).collect::<String>() + "\n|a29|\n";
    let lines = |line: &str| format!("{line}\n").repeat(many / 4);
    for (what, text) in [
        ("stars", lines("*a *a *a *a")),
        ("backquotes", lines("`a `a `a `a")),
        ("literals", lines("``a ``a ``a")),
        ("bars", lines("|a |a |a |a")),
        ("underscores", lines("a_a_a_a_a_a_a")),
        ("dots", lines(".a.a.a.a.a_")),
        ("colons", lines("a:a:a:a:a:a:a:")),
        ("role colons", lines(":a:a:a:a:a:`")),
        ("ats", lines("a@a@a@a@a@a@")),
        ("brackets", lines("[a [a [a ]_ ]_")),
        ("angles", lines("`a <b <c <d> >`_")),
        ("backslashes", lines("\\\\\\\\\\\\\\\\\\\\\\\\\\")),
        ("targets", lines(".. _a: b")),
        ("stars in one paragraph", "*a ".repeat(20) + "\n" + &lines("*a *a *a")),
        ("classes", ".. class:: a\n\n".repeat(many / 4)),
        ("contents", ".. contents::\n\na\n==\n\n".repeat(many / 8)),
        ("numbers", ".. sectnum::\n\na\n==\n\n".repeat(many / 8)),
        ("target notes", ".. target-notes::\n\n`a <http://b>`_\n\n".repeat(many / 8)),
        ("targets in a row", (0..many / 4).map(|n| format!(".. _a{n}:\n")).collect::<String>() + "\na\n"),
        ("targets in a circle", (0..many / 4).map(|n| format!(".. _a{n}: a{}_\n", n + 1)).collect()),
        ("titles", "A\n=\n\n".repeat(many / 4)),
        ("footnotes", "[#]_\n\n.. [#] a\n\n".repeat(many / 8)),
        ("options", lines("-a, -b, -c  d")),
        ("quoted field", format!(":{}\n", ":a".repeat(4000))),
        ("lists", nested),
        ("quotes", quoted),
        ("notes", notes),
        ("table", format!("+--+--+--+\n{rows}")),
        ("plus signs", format!("{}\n", "+-".repeat(2000) + "+").repeat(40)),
        ("substitutions", billion),
        ("line", "a ".repeat(4000)),
    ] {
        let doc = parse(&text, &Options::new("hostile.rst"));
        assert!(doc.len() < 400_000 + 20 * text.len(), "{what}: {} nodes for {} bytes", doc.len(), text.len());
    }
}

/// Beyond a bound faults are not reported one by one: the text stands as it was written, and that is said once.
#[test]
fn a_text_of_nothing_but_faults_is_shown_as_it_stands() {
    let doc = parse(&"*a `b |c\n\nd_\n\n".repeat(2_000), &Options::restricted("faults.rst"));
    assert!(doc.messages.len() < 510, "{} messages", doc.messages.len());
    assert_eq!(doc.messages.iter().filter(|message| message.text.contains("more than 500 faults")).count(), 1);
    let shown = doc.text_of(doc.root());
    assert!(shown.ends_with("*a `b |c\n\nd_"), "{}", &shown[shown.len() - 100..]);
}

#[test]
fn faults_of_a_long_paragraph_name_their_line_and_column() {
    let doc = parse("one\ntwo *a\né *b `c", &Options::new("places.rst"));
    let places: Vec<_> = doc.messages.iter().map(|message| (message.line, message.column)).collect();
    assert_eq!(places, [(Some(2), Some(5)), (Some(3), Some(3)), (Some(3), Some(6))]);
}

/// One table of contents costs what the document is long; a hundred of them may not cost its square.
#[test]
fn contents_beyond_measure_are_refused_in_their_place() {
    let text = ".. contents::\n\n".repeat(3_000) + &"a\n==\n\n".repeat(3_000);
    let doc = parse(&text, &Options::new("contents.rst"));
    let refused = doc.messages.iter().filter(|message| message.text.starts_with("Contents are left out")).count();
    assert!((2_000..3_000).contains(&refused), "{refused} of 3000");
}
