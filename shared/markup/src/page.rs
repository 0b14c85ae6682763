//! A page of a site: its HTML, and what the site must know of it.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use crate::frontmatter::{self, Meta};
use crate::{Format, Viewer, autolink, escape, highlight, safe_url, sanitize};

/// How a page is to be made.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageOptions {
    /// True lets raw HTML of the source through a sanitiser; false shows it as it was typed.
    pub trusted: bool,
    /// Who will read it.
    pub viewer: Viewer,
}

/// One heading, for the contents of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 for the title, 2 for a section, and so on.
    pub level: u8,
    pub id: String,
    /// Its text, not HTML.
    pub title: String,
}

/// One link or image of the page, as it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub target: String,
    /// The line in the source, counted from 1.
    pub line: usize,
    pub image: bool,
}

/// Something that is wrong in the source; the page is made nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line in the source, counted from 1; 0 when it is the whole page.
    pub line: usize,
    pub text: String,
}

/// A page as the site needs it.
#[derive(Clone, Debug, Default)]
pub struct PageOutput {
    /// The body, without `<html>` and `<head>`.
    pub html: String,
    /// From the head of the source, or its first heading; text, not HTML.
    pub title: Option<String>,
    pub toc: Vec<Heading>,
    pub meta: Meta,
    pub links: Vec<Link>,
    pub warnings: Vec<Warning>,
}

/// Makes a page of its source. Never fails: what is wrong stands in `warnings`.
pub fn page(source: &str, format: Format, options: &PageOptions) -> PageOutput {
    let (meta, body, head_lines) = frontmatter::split(source);
    let mut output = match format {
        Format::Plain | Format::Rst => {
            PageOutput { html: crate::message_html(body, Format::Plain, &options.viewer), ..PageOutput::default() }
        }
        Format::Markdown => markdown(body, head_lines, options),
    };
    output.title = meta.get("title").map(str::to_owned).or_else(|| output.toc.first().map(|h| h.title.clone()));
    output.meta = meta;
    output
}

fn markdown(body: &str, head_lines: usize, options: &PageOptions) -> PageOutput {
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM;
    let mut output = PageOutput::default();
    let mut events: Vec<Event<'_>> = Vec::new();
    let (mut code, mut heading, mut links) = (None::<(String, String)>, None::<(usize, String)>, 0usize);
    let lines = LineIndex::new(body, head_lines);
    for (event, range) in Parser::new_ext(body, extensions).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().unwrap_or("").to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                code = Some((language, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                let (language, text) = code.take().unwrap_or_default();
                let inner = highlight(&text, &language).unwrap_or_else(|| escape(&text));
                events.push(Event::Html(format!("<pre class=\"code\"><code>{inner}</code></pre>\n").into()));
            }
            Event::Text(text) if code.is_some() => {
                if let Some((_, all)) = &mut code {
                    all.push_str(&text);
                }
            }
            Event::Text(_) | Event::Code(_) => {
                if let (Some((_, title)), Event::Text(t) | Event::Code(t)) = (&mut heading, &event) {
                    title.push_str(t);
                }
                events.push(event);
            }
            Event::Start(Tag::Heading { .. }) => {
                heading = Some((events.len(), String::new()));
                events.push(event);
            }
            Event::End(TagEnd::Heading(level)) => {
                if let Some((at, title)) = heading.take() {
                    name_heading(&mut events[at], level, title, &mut output.toc);
                }
                events.push(event);
            }
            Event::Start(Tag::Link { ref dest_url, .. } | Tag::Image { ref dest_url, .. }) => {
                let image = matches!(event, Event::Start(Tag::Image { .. }));
                links += usize::from(!image);
                output.links.push(Link { target: dest_url.to_string(), line: lines.of(range.start), image });
                events.push(safe_target(event, &mut output.warnings, lines.of(range.start)));
            }
            other => events.push(other),
        }
    }
    debug_assert!(links <= output.links.len());
    html::push_html(
        &mut output.html,
        Linker { inner: TextMergeStream::new(events.into_iter()), inside: 0, options: *options },
    );
    output
}

/// Gives a heading its id and enters it into the contents.
fn name_heading(event: &mut Event<'_>, level: HeadingLevel, title: String, toc: &mut Vec<Heading>) {
    let Event::Start(Tag::Heading { id, .. }) = event else { return };
    let base = id.as_deref().map_or_else(|| slug(&title), str::to_owned);
    let taken = |name: &str| toc.iter().any(|h| h.id == name);
    let name =
        if taken(&base) { (1..).map(|n| format!("{base}-{n}")).find(|n| !taken(n)).unwrap_or_default() } else { base };
    *id = Some(name.clone().into());
    toc.push(Heading { level: level as u8, id: name, title });
}

fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "section".to_owned() } else { out.to_owned() }
}

fn safe_target<'e>(event: Event<'e>, warnings: &mut Vec<Warning>, line: usize) -> Event<'e> {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) if safe_url(&dest_url).is_none() => {
            warnings
                .push(Warning { line, text: format!("The link to {dest_url:?} has a scheme that is not allowed.") });
            Event::Start(Tag::Link { link_type, dest_url: "".into(), title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) if safe_url(&dest_url).is_none() => {
            warnings.push(Warning { line, text: format!("The image {dest_url:?} has a scheme that is not allowed.") });
            Event::Start(Tag::Image { link_type, dest_url: "".into(), title, id })
        }
        other => other,
    }
}

/// Puts links into running text, and deals with raw HTML.
struct Linker<I> {
    inner: I,
    inside: usize,
    options: PageOptions,
}

impl<'e, I: Iterator<Item = Event<'e>>> Iterator for Linker<I> {
    type Item = Event<'e>;

    fn next(&mut self) -> Option<Event<'e>> {
        let event = self.inner.next()?;
        match &event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => self.inside += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => self.inside = self.inside.saturating_sub(1),
            _ => {}
        }
        Some(match event {
            Event::Text(text) if self.inside == 0 => {
                let mut out = String::with_capacity(text.len());
                autolink::write_linked(&mut out, &text, &self.options.viewer, "\n");
                Event::InlineHtml(out.into())
            }
            Event::InlineHtml(raw) => Event::Text(raw),
            Event::Html(raw) if raw.starts_with("<pre class=\"code\">") => Event::Html(raw),
            Event::Html(raw) if self.options.trusted => Event::Html(sanitize::html(&raw).into()),
            Event::Html(raw) => Event::Text(raw),
            other => other,
        })
    }
}

/// The line of a byte offset.
struct LineIndex {
    starts: Vec<usize>,
    before: usize,
}

impl LineIndex {
    fn new(text: &str, before: usize) -> LineIndex {
        LineIndex { starts: text.match_indices('\n').map(|(i, _)| i + 1).collect(), before }
    }

    fn of(&self, offset: usize) -> usize {
        self.before + 1 + self.starts.partition_point(|s| *s <= offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_knows_its_parts() {
        let source = "---\ntags: a\n---\n# Hello `x`\n\nSee [a](b.md) and #12.\n\n## Same\n\n## Same\n\n![i](p.png)\n\n[bad](javascript:x) <b>\n";
        let page = page(source, Format::Markdown, &PageOptions::default());
        assert_eq!(page.title.as_deref(), Some("Hello x"));
        assert_eq!(page.meta.get("tags"), Some("a"));
        let ids: Vec<&str> = page.toc.iter().map(|h| h.id.as_str()).collect();
        assert_eq!(ids, ["hello-x", "same", "same-1"]);
        assert_eq!(page.links[0], Link { target: "b.md".into(), line: 6, image: false });
        assert_eq!(page.warnings[0].line, 14);
        assert!(page.html.contains("<a class=\"ref issue\" href=\"/issues/12\">#12</a>"), "{}", page.html);
        assert!(page.html.contains("&lt;b&gt;") && !page.html.contains("javascript"));
    }
}
