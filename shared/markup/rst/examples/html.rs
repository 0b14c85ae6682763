//! Writes the reStructuredText on standard input as HTML: the body of a page, without styles. Faults go to standard
//! error, each with its line and column.

use std::io::Read;

use guildhall_rst::html::{HtmlOptions, html};
use guildhall_rst::{Level, Options, parse};

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let doc = parse(&text, &Options::new("<stdin>"));
    for message in doc.messages.iter().filter(|message| message.level >= Level::Warning) {
        eprintln!("{message}");
    }
    print!("{}", html(&doc, &HtmlOptions::default()));
    Ok(())
}
