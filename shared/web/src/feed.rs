//! Atom feeds (RFC 4287).

use atom_syndication as atom;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::header;
use kernel::Hub;

/// A feed of a list of things.
pub struct Feed {
    pub title: String,
    /// The path of the page that the feed follows.
    pub page: String,
    /// The path of the feed itself.
    pub path: String,
    pub entries: Vec<FeedEntry>,
}

/// One thing in a feed.
pub struct FeedEntry {
    /// The path of the thing's page, which never changes: it is the entry's id too.
    pub url: String,
    pub title: String,
    pub author: String,
    pub at: DateTime<Utc>,
    /// Safe HTML.
    pub html: String,
}

impl Feed {
    /// The feed as an answer.
    pub fn answer(self, hub: &Hub) -> Response {
        let newest = self.entries.iter().map(|entry| entry.at).max().unwrap_or(DateTime::UNIX_EPOCH);
        let link = |rel: &str, path: &str| atom::Link { href: hub.url(path), rel: rel.into(), ..Default::default() };
        let feed = atom::Feed {
            title: atom::Text::plain(clean(&self.title)),
            id: hub.url(&self.page),
            updated: newest.fixed_offset(),
            links: vec![link("self", &self.path), link("alternate", &self.page)],
            entries: self.entries.into_iter().map(|entry| entry.into_atom(hub)).collect(),
            ..Default::default()
        };
        ([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed.to_string()).into_response()
    }
}

impl FeedEntry {
    fn into_atom(self, hub: &Hub) -> atom::Entry {
        let url = hub.url(&self.url);
        atom::Entry {
            title: atom::Text::plain(clean(&self.title)),
            id: url.clone(),
            updated: self.at.fixed_offset(),
            published: Some(self.at.fixed_offset()),
            authors: vec![atom::Person { name: clean(&self.author), ..Default::default() }],
            links: vec![atom::Link { href: url, rel: "alternate".into(), ..Default::default() }],
            content: Some(atom::Content {
                value: Some(clean(&self.html)),
                content_type: Some("html".into()),
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}

/// Text without the characters that XML 1.0 cannot carry (section 2.2).
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect()
}
