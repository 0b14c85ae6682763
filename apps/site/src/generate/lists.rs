//! Pages that the generator adds: a front page where there is none, the list of a folder, the news and their tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts::Facts;
use super::files::address;
use super::index::Index;
use super::write::tags;
use super::{Entry, Kind, Page};

/// The last part of a path as words: `feature-list` becomes `feature list`.
pub fn words_of(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.is_empty() { "Start".into() } else { last.replace(['-', '_'], " ") }
}

/// The addresses of the pages that will be added.
pub fn addresses(index: &Index<'_>) -> Vec<String> {
    let taken = |path: &str| index.names.at(path).is_some();
    let mut added: BTreeSet<String> = BTreeSet::new();
    if !taken("") {
        added.insert(String::new());
    }
    if index.contents.root.is_none() {
        added.extend(folders(index).into_iter().filter(|folder| !taken(folder)));
    }
    let dated: Vec<&&Facts> = index.pages.values().filter(|facts| facts.meta.get("date").is_some()).collect();
    if !dated.is_empty() && !taken("news") {
        added.insert("news".into());
    }
    for tag in dated.iter().flat_map(|facts| tags(facts)) {
        added.insert(tag_path(&tag));
    }
    if !taken(super::index::GENERAL) && index.pages.values().any(|facts| !facts.index.is_empty()) {
        added.insert(super::index::GENERAL.into());
    }
    added.into_iter().collect()
}

/// Where the list of a tag stands.
pub fn tag_path(tag: &str) -> String {
    format!("news/tags/{}", tag.to_lowercase().replace([' ', '/'], "-"))
}

fn folders(index: &Index<'_>) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for (source, facts) in &index.pages {
        if facts.meta.get("date").is_some() {
            continue;
        }
        let path = address(source);
        let mut at = path.as_str();
        while let Some((above, _)) = at.rsplit_once('/') {
            folders.insert(above.to_owned());
            at = above;
        }
    }
    folders
}

/// The pages at the addresses that were promised.
pub fn pages(index: &Index<'_>, navigation: &[Entry], written: &[Arc<Page>]) -> Vec<Arc<Page>> {
    let by_path: BTreeMap<&str, &Page> = written.iter().map(|page| (page.path.as_str(), page.as_ref())).collect();
    let lists = Lists { index, by_path, written };
    index.made.iter().map(|path| Arc::new(lists.page(path, navigation))).collect()
}

struct Lists<'a> {
    index: &'a Index<'a>,
    by_path: BTreeMap<&'a str, &'a Page>,
    written: &'a [Arc<Page>],
}

impl Lists<'_> {
    fn page(&self, path: &str, navigation: &[Entry]) -> Page {
        let plain = |title: &str, body: String| Page {
            path: path.to_owned(),
            title: title.to_owned(),
            html: format!("<h1>{}</h1>\n{body}", markup::escape(title)),
            order: 1000,
            ..Page::default()
        };
        if path == "news" {
            return Page { kind: Kind::News, order: 900, ..plain("News", self.news(path, None)) };
        }
        if let Some(tag) = path.strip_prefix("news/tags/") {
            let all = self.index.pages.values().flat_map(|facts| tags(facts));
            let tag = all.into_iter().find(|known| tag_path(known) == path).unwrap_or_else(|| tag.to_owned());
            let body = self.news(path, Some(&tag));
            return Page { kind: Kind::Tag(tag.clone()), ..plain(&format!("News: {tag}"), body) };
        }
        if path == super::index::GENERAL {
            return plain("Index", super::general::html(self.index));
        }
        if path.is_empty() {
            return self.front(navigation, plain);
        }
        let below = entries_below(navigation, path);
        plain(&words_of(path), self.list(path, &below, 1))
    }

    /// The front page of a site that has none.
    fn front(&self, navigation: &[Entry], plain: impl Fn(&str, String) -> Page) -> Page {
        let settings = self.index.settings;
        let title = if settings.title.is_empty() { "Contents" } else { &settings.title };
        let mut body = String::new();
        if !settings.description.is_empty() {
            body.push_str(&format!("<p class=\"lead\">{}</p>\n", markup::escape(&settings.description)));
        }
        let entries: Vec<&Entry> = navigation.iter().filter(|entry| entry.path.as_deref() != Some("")).collect();
        if entries.is_empty() {
            body.push_str(&self.files());
        } else {
            body.push_str(&self.list("", &entries, 2));
        }
        plain(title, body)
    }

    /// The news, newest first, each with its tags.
    fn news(&self, from: &str, tag: Option<&str>) -> String {
        let mut out = String::from("<ul class=\"page-list\">\n");
        for item in news(self.written, tag) {
            let link = |to: &str, words: &str| {
                format!("<a href=\"{}\">{}</a>", markup::escape(&self.index.link(from, to, "")), markup::escape(words))
            };
            let day = item.date.map(|day| day.to_string()).unwrap_or_default();
            let tags: Vec<String> = item.tags.iter().map(|tag| link(&tag_path(tag), tag)).collect();
            out.push_str(&format!(
                "<li>{} <time class=\"quiet\" datetime=\"{day}\">{day}</time> {}<p>{}</p></li>\n",
                link(&item.path, &item.title),
                tags.join(" "),
                markup::escape(&item.summary)
            ));
        }
        out.push_str("</ul>\n");
        out
    }

    /// What a source without pages holds.
    fn files(&self) -> String {
        let files: Vec<&String> = self.index.files.keys().filter(|name| *name != super::settings::NAME).collect();
        if files.is_empty() {
            return "<p>There is nothing here yet. The site grows from files of Markdown (<code>.md</code>) and reST \
                    (<code>.rst</code>): <code>index.md</code> becomes this page.</p>\n"
                .into();
        }
        let line = |name: &String| {
            format!(
                "<li><a href=\"{}\">{}</a></li>\n",
                markup::escape(&self.index.file("", name)),
                markup::escape(name)
            )
        };
        let shown: String = files.iter().take(500).map(|name| line(name)).collect();
        format!(
            "<p>No page is among these files. <code>index.md</code> would become this page.</p>\n<ul>\n{shown}</ul>\n"
        )
    }

    fn list(&self, from: &str, entries: &[&Entry], depth: usize) -> String {
        let mut out = String::from("<ul class=\"page-list\">\n");
        for entry in entries {
            let words = markup::escape(&entry.title);
            let page = entry.path.as_deref().and_then(|path| self.by_path.get(path));
            match (&entry.path, &entry.url) {
                (Some(path), _) => {
                    out.push_str(&format!(
                        "<li><a href=\"{}\">{words}</a>",
                        markup::escape(&self.index.link(from, path, ""))
                    ));
                }
                (None, Some(url)) => out.push_str(&format!("<li><a href=\"{}\">{words}</a>", markup::escape(url))),
                (None, None) => out.push_str(&format!("<li><span class=\"page-group\">{words}</span>")),
            }
            if let Some(page) = page.filter(|page| !page.summary.is_empty()) {
                out.push_str(&format!("<p>{}</p>", markup::escape(&markup::excerpt(&page.summary, 160))));
            }
            let inner: Vec<&Entry> = entry.entries.iter().collect();
            if depth > 1 && !inner.is_empty() {
                out.push('\n');
                out.push_str(&self.list(from, &inner, depth - 1));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
        out
    }
}

/// What the navigation has below a path.
fn entries_below<'a>(entries: &'a [Entry], path: &str) -> Vec<&'a Entry> {
    for entry in entries {
        if entry.path.as_deref() == Some(path) {
            return entry.entries.iter().collect();
        }
        let found = entries_below(&entry.entries, path);
        if !found.is_empty() {
            return found;
        }
    }
    vec![]
}

/// The news among these pages, newest first; those of one tag, when it is given.
pub fn news<'a>(pages: &'a [Arc<Page>], tag: Option<&str>) -> Vec<&'a Page> {
    let wanted = |page: &&Page| page.date.is_some() && tag.is_none_or(|tag| page.tags.iter().any(|own| own == tag));
    let mut news: Vec<&Page> = pages.iter().map(AsRef::as_ref).filter(wanted).collect();
    news.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.path.cmp(&b.path)));
    news
}
