//! Pages of a site with their front matter, from sources that are not trusted.

use markup::{Format, PageOptions, page};

pub fn run(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let format = [Format::Plain, Format::Markdown, Format::Rst][usize::from(choice) % 3];
    let out = page(&text, format, &PageOptions::default());
    assert!(!out.html.contains("<script"), "a script in {}", out.html);
}
