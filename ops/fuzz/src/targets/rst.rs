//! reStructuredText: parse, transform and write in every dialect. The first byte chooses the settings.

use rst::html::HtmlOptions;
use rst::{Dialect, File, Files, Options};

/// Files that hold the text itself, so that includes go round in circles.
struct Itself<'a>(&'a str);

impl Files for Itself<'_> {
    fn read(&self, path: &str, _from: &str, _encoding: Option<&str>) -> Result<File, String> {
        Ok(File { path: path.to_owned(), text: self.0.to_owned() })
    }
}

pub fn run(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let files = Itself(&text);
    let options = Options {
        dialect: if choice & 1 == 0 { Dialect::Docutils } else { Dialect::Sphinx },
        smart_quotes: choice & 2 != 0,
        character_level_markup: choice & 4 != 0,
        section_subtitles: choice & 8 != 0,
        raw: choice & 16 != 0,
        files: if choice & 32 != 0 { &files } else { &rst::NoFiles },
        pep_references: true,
        rfc_references: true,
        ..Options::new("fuzz.rst")
    };
    let options = if choice & 64 != 0 { Options::restricted("fuzz.rst") } else { options };
    let doc = rst::parse(&text, &options);
    let source = if choice & 32 != 0 { text.len() * 200 } else { text.len() };
    let expanded = options.limits.expansion / rst::NODE_COST;
    assert!(doc.len() < 2_000 + 40 * source + expanded, "{} nodes for {} bytes", doc.len(), text.len());
    for message in &doc.messages {
        assert!(message.line.is_none_or(|line| line > 0) && message.column.is_none_or(|column| column > 0));
    }
    rst::pseudo_xml(&doc);
    let html = rst::html::html(&doc, &HtmlOptions::default());
    if !options.raw {
        assert!(!html.contains("<script"), "a script in {html}");
    }
}
