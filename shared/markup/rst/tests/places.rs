//! Every fault has a line and a column, whether the parser or a transform finds it, however deep it stands.

use guildhall_rst::{File, Files, Level, Options, parse};

/// The faults of a text, each as `line:column text`.
fn faults(text: &str) -> Vec<String> {
    let doc = parse(text, &Options::new("a.rst"));
    let faults = doc.messages.iter().filter(|message| message.level > Level::Info);
    faults.map(|fault| format!("{}:{} {}", fault.line.unwrap_or(0), fault.column.unwrap_or(0), fault.text)).collect()
}

#[test]
fn markup_without_an_end() {
    let want =
        ["2:5 Inline emphasis start-string without end-string.", "3:3 Inline strong start-string without end-string."];
    assert_eq!(faults("one\ntwo *a\n\u{e9} **b\n"), want);
    assert_eq!(faults(".. note:: one\n   two *a\n"), ["2:8 Inline emphasis start-string without end-string."]);
}

#[test]
fn references_that_lead_nowhere() {
    assert_eq!(
        faults("one\ntwo a_, `b c`_\n"),
        ["2:5 Unknown target name: \"a\".", "2:9 Unknown target name: \"b c\"."]
    );
    assert_eq!(faults("- one\n  \u{65e5} |x|\n"), ["2:5 Undefined substitution referenced: \"x\"."]);
    assert_eq!(faults("one [1]_\n"), ["1:5 Unknown target name: \"1\"."]);
    assert_eq!(faults("one\ntwo [C]_\n"), ["2:5 Unknown target name: \"c\"."]);
    let want = "2:3 Too many autonumbered footnote references: only 0 corresponding footnote available.";
    assert_eq!(faults("one\n  \n\n- [#]_\n"), [want.replace("2:3", "4:3")]);
}

#[test]
fn blocks_that_cannot_be_read() {
    assert_eq!(faults("  .. unknown:: x\n"), ["1:3 Unknown directive type \"unknown\"."]);
    assert_eq!(
        faults("- one\n\n  .. _a: b_\n\n  a_\n"),
        ["3:3 Indirect hyperlink target \"a\" (id=\"a\") refers to target \"b\", which does not exist."]
    );
}

/// A file that is included has faults of its own.
#[test]
fn included_files_are_named() {
    struct One;
    impl Files for One {
        fn read(&self, path: &str, _: &str, _: Option<&str>) -> Result<File, String> {
            Ok(File { path: path.to_owned(), text: "one\n\ntwo a_\n".to_owned() })
        }
    }
    let doc = parse("zero\n\n.. include:: b.rst\n\nthree c_\n", &Options { files: &One, ..Options::new("a.rst") });
    let told: Vec<String> = doc.messages.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["b.rst:3:5: (ERROR/3) Unknown target name: \"a\".", "a.rst:5:7: (ERROR/3) Unknown target name: \"c\"."]
    );
}
