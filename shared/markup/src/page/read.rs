//! Reading a page into its tree.

use rst::{Document, Kind};

use super::{PageOptions, PageTree};
use crate::frontmatter;
use crate::markdown::{self, RawHtml};
use crate::{Format, message_html};

/// Reads a page: its head, and its body as a tree.
pub fn read(source: &str, format: Format, options: &PageOptions<'_>) -> PageTree {
    let (meta, body, lines_before) = frontmatter::split(source);
    let document = match format {
        Format::Plain => plain(body, options),
        Format::Rst if lines_before == 0 => rst::parse(body, &rst_options(options)),
        // Empty lines in place of the head: messages show the lines of the file.
        Format::Rst => rst::parse(&("\n".repeat(lines_before) + body), &rst_options(options)),
        Format::Markdown => {
            let raw_html = if options.trusted { RawHtml::Keep } else { RawHtml::Sanitize };
            let options = markdown::Options {
                source: options.source,
                gfm: true,
                myst: true,
                raw_html,
                rst: rst_options(options),
                lines_before,
            };
            markdown::parse(body, &options)
        }
    };
    PageTree { meta, document }
}

fn rst_options<'a>(options: &PageOptions<'a>) -> rst::Options<'a> {
    let none: &'static dyn rst::Files = &rst::NoFiles;
    rst::Options {
        raw: options.trusted,
        files: options.files.unwrap_or(none),
        now: options.now,
        smart_quotes: options.smart_quotes,
        roles: options.roles,
        ..rst::Options::new(options.source)
    }
}

/// Plain text is HTML already when it is read; the text itself is kept beside it, for the search.
fn plain(body: &str, options: &PageOptions<'_>) -> Document {
    let mut document = Document::new(options.source);
    let root = document.root();
    let node = document.add_with_text(root, Kind::Raw, &message_html(body, Format::Plain, &options.viewer));
    document.set(node, "format", "html");
    document.set(node, "text", body);
    document
}
