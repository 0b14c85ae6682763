//! Markdown in a message: GFM, raw HTML shown as it was typed, references linked outside of code.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use crate::{Viewer, autolink, escape, highlight, safe_url};

pub(super) fn html(text: &str, viewer: &Viewer) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let mut state = State { viewer, links: 0, code: None };
    let events = TextMergeStream::new(Parser::new_ext(text, options)).filter_map(|event| state.event(event));
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events);
    out
}

struct State<'v> {
    viewer: &'v Viewer,
    links: usize,
    code: Option<(String, String)>,
}

impl State<'_> {
    fn event<'e>(&mut self, event: Event<'e>) -> Option<Event<'e>> {
        if let Some((_, code)) = &mut self.code {
            if let Event::Text(text) = &event {
                code.push_str(text);
                return None;
            }
            if matches!(event, Event::End(TagEnd::CodeBlock)) {
                let (language, code) = self.code.take()?;
                return Some(Event::Html(block(&language, &code).into()));
            }
        }
        Some(match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().unwrap_or("").to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
                return None;
            }
            Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
            Event::Text(text) if self.links == 0 => {
                let mut out = String::with_capacity(text.len());
                autolink::write_linked(&mut out, &text, self.viewer, "\n");
                Event::InlineHtml(out.into())
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                self.links += 1;
                let dest_url = self.target(link_type, &dest_url);
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Event::End(TagEnd::Link) => {
                self.links = self.links.saturating_sub(1);
                Event::End(TagEnd::Link)
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = self.target(link_type, &dest_url);
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            other => other,
        })
    }

    fn target<'e>(&self, link_type: LinkType, url: &str) -> CowStr<'e> {
        let mail = matches!(link_type, LinkType::Email) || url.starts_with("mailto:");
        match safe_url(url) {
            Some(_) if mail && !self.viewer.knows_addresses => CowStr::Borrowed(""),
            Some(url) => CowStr::from(url.to_owned()),
            None => CowStr::Borrowed(""),
        }
    }
}

fn block(language: &str, code: &str) -> String {
    let inner = highlight(code, language).unwrap_or_else(|| escape(code));
    format!("<pre class=\"code\"><code>{inner}</code></pre>\n")
}
