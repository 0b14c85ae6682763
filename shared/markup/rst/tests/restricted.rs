//! What a stranger may not do in a message: read files, write HTML of his own, change the page around it, or cost more
//! than a message is worth.

use std::cell::Cell;

use guildhall_rst::html::{HtmlOptions, html};
use guildhall_rst::{File, Files, Options, parse};

/// Counts what is asked for.
#[derive(Default)]
struct Watched(Cell<u32>);

impl Files for Watched {
    fn read(&self, path: &str, _from: &str, _encoding: Option<&str>) -> Result<File, String> {
        self.0.set(self.0.get() + 1);
        Ok(File { path: path.to_owned(), text: "SECRET".to_owned() })
    }
}

fn written(text: &str) -> String {
    let files = Watched::default();
    let doc = parse(text, &Options { files: &files, raw: true, ..Options::restricted("message") });
    let page = html(&doc, &HtmlOptions { raw: true, ..HtmlOptions::default() });
    assert_eq!(files.0.get(), 0, "{text} asks for a file");
    assert!(!page.contains("SECRET") && !page.contains("<b>"), "{text} gives {page}");
    page
}

#[test]
fn a_message_reads_no_file() {
    for text in [
        ".. include:: /etc/passwd\n",
        ".. include:: <isonum.txt>\n",
        ".. include:: a\n   :literal:\n",
        ".. include:: a\n   :code: python\n",
        ".. literalinclude:: a\n",
        ".. csv-table::\n   :file: a\n",
        ".. raw:: html\n   :file: a\n",
        ".. raw:: html\n   :url: file:///etc/passwd\n",
        ".. |x| include:: a\n\n|x|\n",
        ".. graphviz:: a\n",
    ] {
        assert!(written(text).contains("system-message"), "{text}");
    }
}

#[test]
fn a_message_writes_no_html() {
    for text in [
        ".. raw:: html\n\n   <b>x</b>\n",
        ".. role:: html(raw)\n   :format: html\n\n:html:`<b>x</b>`\n",
        "<b>x</b>\n",
        "``<b>``, |<b>|, `<b>`_\n",
        ".. image:: x\n   :alt: \"><b>\n",
        ".. code:: \"><b>\n\n   <b>\n",
        ".. class:: \"><b>\n\nx\n",
    ] {
        written(text);
    }
}

#[test]
fn a_message_has_small_bounds() {
    let deep: String = (0..100).map(|i| format!("{}- a\n\n", "  ".repeat(i))).collect();
    let page = written(&deep);
    assert!(page.contains("Nesting is deeper than 24 levels"), "{page}");
    assert!(page.matches("<ul>").count() < 30);
    let long = "word word word\n\n".repeat(100_000);
    let doc = parse(&long, &Options::restricted("message"));
    assert!(doc.messages.iter().any(|message| message.text.contains("longer than 1048576 bytes")));
    assert!(doc.text_of(doc.root()).len() < 1_100_000);
}
