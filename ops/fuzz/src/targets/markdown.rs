//! Markdown into the tree, in all its extensions. The first byte chooses them.

use markup::markdown::{Options, RawHtml, parse};
use rst::html::HtmlOptions;

pub fn run(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let options = Options {
        gfm: choice & 1 == 0,
        myst: choice & 2 != 0,
        raw_html: if choice & 4 == 0 { RawHtml::Escape } else { RawHtml::Sanitize },
        ..Options::default()
    };
    let doc = parse(&text, &options);
    assert!(doc.len() < 2_000 + 40 * text.len(), "{} nodes for {} bytes", doc.len(), text.len());
    let html = rst::html::html(&doc, &HtmlOptions::default());
    assert!(!html.contains("<script") && !html.contains("href=\"javascript:"), "not safe: {html}");
}
