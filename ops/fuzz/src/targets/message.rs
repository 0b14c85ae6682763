//! Messages of strangers as HTML, in all formats: nothing in it may act, and no address may show.

use markup::{Format, Viewer, message_html, text_of_html};

pub fn run(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let format = [Format::Plain, Format::Markdown, Format::Rst][usize::from(choice) % 3];
    let viewer = Viewer { knows_addresses: choice & 64 != 0 };
    let html = message_html(&text, format, &viewer);
    let lower = html.to_ascii_lowercase();
    for forbidden in ["<script", "<iframe", "<style", "<form", "<meta", "<base", "<object", "href=\"javascript:", "href=\"data:", "src=\"javascript:"] {
        assert!(!lower.contains(forbidden), "{forbidden} in {html}");
    }
    assert!(html.len() < 50_000 + 200 * text.len(), "{} bytes of HTML for {}", html.len(), text.len());
    text_of_html(&html);
    text_of_html(&text);
}
