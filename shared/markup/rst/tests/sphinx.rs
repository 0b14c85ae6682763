//! The dialect of Sphinx, as an author writes it and as a site finds it in the tree.

use guildhall_rst::{Document, File, Files, Kind, Options, parse, pseudo_xml};

fn read(text: &str) -> Document {
    parse(text, &Options { roles: &["issue"], ..Options::new("a.rst") })
}

/// The attributes of the only node of a kind, as they are shown.
fn shown(text: &str, kind: Kind) -> String {
    let doc = read(text);
    let found = doc.all(kind);
    assert_eq!(found.len(), 1, "{}", pseudo_xml(&doc));
    doc.start_tag(found[0])
}

#[test]
fn references_carry_domain_role_and_target() {
    for (text, tag, words) in [
        (
            ":py:func:`os.walk`",
            "refdomain=\"py\" refexplicit=\"0\" reftarget=\"os.walk\" reftype=\"func\"",
            "os.walk()",
        ),
        (":func:`~os.walk`", "refdomain=\"py\" refexplicit=\"0\" reftarget=\"os.walk\" reftype=\"func\"", "walk()"),
        (":ref:`words <Label>`", "refdomain=\"std\" refexplicit=\"1\" reftarget=\"label\" reftype=\"ref\"", "words"),
        (":c:type:`PyObject`", "refdomain=\"c\" refexplicit=\"0\" reftarget=\"PyObject\" reftype=\"type\"", "PyObject"),
        (":doc:`/a/b`", "refdomain=\"std\" refexplicit=\"0\" reftarget=\"/a/b\" reftype=\"doc\"", "/a/b"),
        (":issue:`12`", "refexplicit=\"0\" reftarget=\"12\" reftype=\"issue\"", "12"),
    ] {
        let doc = read(text);
        let found = doc.all(Kind::PendingXref);
        assert_eq!(doc.start_tag(found[0]), format!("<pending_xref {tag}>"), "{text}");
        assert_eq!(doc.text_of(found[0]), words, "{text}");
    }
    assert!(read(":func:`!os.walk`").all(Kind::PendingXref).is_empty());
}

#[test]
fn a_toctree_lists_its_pages() {
    let tag = shown(".. toctree::\n   :maxdepth: 2\n   :hidden:\n\n   Start <a/b>\n   c\n", Kind::Toctree);
    assert_eq!(tag, "<toctree entries=\"Start\0a/b \0c\" hidden=\"1\" maxdepth=\"2\">");
}

#[test]
fn code_has_language_lines_and_caption() {
    let text = ".. code-block:: python\n   :linenos:\n   :emphasize-lines: 1,3\n   :caption: *Some* code\n\n   a\n   b\n   c\n";
    let tag = shown(text, Kind::LiteralBlock);
    assert_eq!(tag, "<literal_block highlight_lines=\"1 3\" language=\"python\" linenos=\"1\" xml:space=\"preserve\">");
    assert_eq!(read(text).text_of(read(text).all(Kind::Caption)[0]), "Some code");
}

#[test]
fn a_file_is_shown_in_part() {
    struct One;
    impl Files for One {
        fn read(&self, path: &str, _: &str, _: Option<&str>) -> Result<File, String> {
            Ok(File {
                path: path.to_owned(),
                text: "import os\n\ndef a():\n    pass\n\ndef b():\n    pass\n".to_owned(),
            })
        }
    }
    let text = ".. literalinclude:: x.py\n   :pyobject: b\n   :lineno-match:\n";
    let doc = parse(text, &Options { files: &One, ..Options::new("a.rst") });
    let block = doc.all(Kind::LiteralBlock)[0];
    assert_eq!(doc.text_of(block), "def b():\n    pass");
    assert_eq!(doc.int(block, "lineno_start"), Some(6));
}

#[test]
fn objects_have_full_names_and_identifiers() {
    let text =
        ".. module:: os\n\n.. class:: Walker(top[, deep])\n\n   .. method:: next() -> str\n\n      The next one.\n";
    let doc = read(text);
    let ids: Vec<_> = doc.all(Kind::DescSignature).iter().map(|&n| doc.ids(n)[0].clone()).collect();
    assert_eq!(ids, ["os.Walker", "os.Walker.next"]);
    assert_eq!(doc.all(Kind::DescOptional).len(), 1);
    assert_eq!(doc.text_of(doc.all(Kind::DescReturns)[0]), "str");
    let option = read(".. program:: git\n.. option:: -v, --verbose <level>\n");
    assert_eq!(option.ids(option.all(Kind::DescSignature)[0]), ["cmdoption-git-v", "cmdoption-git--verbose"]);
}

#[test]
fn versions_say_what_changed() {
    let doc = read(".. versionadded:: 1.2\n   The *first* one.\n");
    assert_eq!(doc.text_of(doc.all(Kind::Versionmodified)[0]), "Added in version 1.2: The first one.");
    let doc = read(".. deprecated:: 3.0\n");
    assert_eq!(doc.text_of(doc.all(Kind::Versionmodified)[0]), "Deprecated since version 3.0.");
}

#[test]
fn glossaries_and_grammars_name_their_terms() {
    let doc = read(".. glossary::\n\n   alpha\n   beta\n      The *first* letters.\n");
    let ids: Vec<_> = doc.all(Kind::Term).iter().map(|&n| doc.ids(n)[0].clone()).collect();
    assert_eq!(ids, ["term-alpha", "term-beta"]);
    let doc = read(".. productionlist::\n   expr: `term` \"+\" `expr`\n   term: NUMBER\n");
    assert_eq!(doc.all(Kind::Production).len(), 2);
    assert_eq!(doc.get(doc.all(Kind::PendingXref)[0], "reftarget"), Some("term"));
}

#[test]
fn sections_may_stand_in_only() {
    let doc = read("A\n=\n\n.. only:: html\n\n   B\n   -\n\n   text\n\nC\n=\n");
    let only = doc.all(Kind::Only)[0];
    assert!(doc.descendants(only).any(|n| doc.kind(n) == Kind::Section), "{}", pseudo_xml(&doc));
    assert_eq!(doc.get(only, "expr"), Some("html"));
}

#[test]
fn a_label_before_an_index_entry_names_the_section() {
    let doc = read("Top\n===\n\n.. _here:\n.. index:: place\n\nPart\n----\n\ntext\n\nOther\n-----\n");
    let part = doc.all(Kind::Section)[0];
    assert!(doc.names(part).contains(&"here".to_owned()), "{}", pseudo_xml(&doc));
}

#[test]
fn words_of_the_index_stand_in_the_text() {
    for (text, words, entry) in [
        (":index:`std::string`", "std::string", "single\0std::string\0index-0"),
        (":index:`!a, b`", "a, b", "single\0a, b\0index-0"),
        (":index:`words <pair: a; b>`", "words", "pair\0a; b\0index-0"),
    ] {
        let doc = read(text);
        assert_eq!(doc.text_of(doc.root()), words, "{text}");
        assert_eq!(doc.list(doc.all(Kind::Index)[0], "entries"), [entry], "{text}");
    }
}

#[test]
fn autodoc_says_that_it_is_left_out() {
    let doc = read(".. automodule:: os.path\n   :members:\n");
    assert_eq!(doc.get(doc.all(Kind::Unsupported)[0], "name"), Some("automodule"));
    assert_eq!(doc.messages.len(), 1);
}

#[test]
fn what_the_caller_defines_is_substituted() {
    let options = Options { substitutions: &[("version", "1.2")], ..Options::new("a.rst") };
    let doc = parse("Version |version|.\n", &options);
    assert_eq!(doc.text_of(doc.root()), "Version 1.2.");
}

#[test]
fn faults_have_a_line_and_a_column() {
    let doc = read("First\n\n* an item\n  and *here\n");
    assert_eq!((doc.messages[0].line, doc.messages[0].column), (Some(4), Some(7)));
    assert!(doc.messages[0].to_string().starts_with("a.rst:4:7: (WARNING/2) Inline emphasis"));
}
