//! Where the references of one page lead: pages, labels and objects of the site, other projects, and living things of
//! the hub (`:issue:`, `:commit:`). Every question is noted with its answer, so that a later build knows whether the
//! page would be written differently.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use markup::autolink;
use rst::html::{Link, Resolver, Xref, safe_scheme};
use rst::{Document, Kind, NodeId};

use super::contents::{Item, MOST_LINES, Part};
use super::files::{address, resolve};
use super::index::{GENERAL, Index, is_made, own};
use super::{Form, digest};

/// What a page asked while it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// Domain, role, target, and what stands around: `py:module`, `py:class`, `std:program`.
    Reference {
        domain: String,
        role: String,
        target: String,
        around: [Option<String>; 3],
    },
    Url(String),
    Image(String),
    /// The toctree of this page by its number.
    Toctree(usize),
}

const AROUND: [&str; 3] = ["py:module", "py:class", "std:program"];

/// The roles that lead to living things of the hub.
pub const LIVING: [&str; 4] = ["issue", "commit", "mail", "user"];

/// Resolves for one page.
pub struct PageResolver<'a> {
    pub index: &'a Index<'a>,
    pub source: &'a str,
    /// Its address.
    pub path: String,
    pub asked: RefCell<HashMap<Question, u64>>,
    /// What living references mention.
    pub mentions: RefCell<Vec<String>>,
}

impl<'a> PageResolver<'a> {
    /// A resolver that was asked nothing.
    pub fn of(index: &'a Index<'a>, source: &'a str) -> Self {
        Self { index, source, path: address(source), asked: RefCell::default(), mentions: RefCell::default() }
    }

    /// The digest of the answer to a question, asked again.
    pub fn answer(&self, question: &Question) -> u64 {
        match question {
            Question::Reference { domain, role, target, around } => {
                let mut doc = Document::new("");
                let node = doc.create(Kind::PendingXref);
                for (key, value) in AROUND.iter().zip(around) {
                    if let Some(value) = value {
                        doc.set(node, *key, value.as_str());
                    }
                }
                let xref = Xref { domain, role, target, explicit: false, doc: &doc, node };
                digest_of(self.find(&xref).as_ref())
            }
            Question::Url(uri) => digest(&self.find_url(uri)),
            Question::Image(uri) => digest(&self.find_image(uri)),
            Question::Toctree(ordinal) => digest(&self.toctree_html(*ordinal)),
        }
    }

    fn note(&self, question: Question, answer: u64) {
        self.asked.borrow_mut().insert(question, answer);
    }

    fn find(&self, xref: &Xref<'_>) -> Option<Link> {
        let (role, target) = (xref.role, xref.target);
        let object = || self.object(xref);
        match role {
            "doc" => self.document(target),
            "ref" | "numref" => self.label(target).or_else(object).or_else(|| self.document(target)),
            "any" => self.label(target).or_else(|| self.document(target)).or_else(|| self.anything(xref)),
            "download" => self.find_image(target).map(|url| Link { url, ..Link::default() }),
            _ if xref.domain.is_empty() => {
                self.living(role, target).or_else(|| self.extlink(role, target)).or_else(|| self.document(target))
            }
            _ => object(),
        }
    }

    fn label(&self, target: &str) -> Option<Link> {
        let name = target.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if let Some(place) = self.index.labels.get(name.as_str()) {
            let url = self.index.link(&self.path, &address(place.source), place.id);
            return Some(Link { url, title: place.title.map(str::to_owned), ..Link::default() });
        }
        self.made(&name)
    }

    /// `genindex` and its kin, which Sphinx knows as labels.
    fn made(&self, name: &str) -> Option<Link> {
        let (url, title) = match (name, &self.index.wish.form) {
            ("search", Form::Hub) => ("/search".to_owned(), "Search"),
            ("search", Form::Files { .. }) => (self.index.link(&self.path, "search", ""), "Search"),
            (name, _) if is_made(name) => (self.index.link(&self.path, GENERAL, ""), "Index"),
            _ => return None,
        };
        Some(Link { url, title: Some(title.to_owned()), ..Link::default() })
    }

    fn document(&self, target: &str) -> Option<Link> {
        let Some(source) = self.index.names.page(self.source, target) else { return self.made(target) };
        let url = self.index.link(&self.path, &address(source), "");
        Some(Link { url, title: Some(self.index.title(source)), ..Link::default() })
    }

    fn object(&self, xref: &Xref<'_>) -> Option<Link> {
        let mut link = self.index.objects.find(xref).or_else(|| {
            // `python:os.walk` names the project to look in.
            let (project, target) = xref.target.split_once(':')?;
            self.index.settings.intersphinx.contains_key(project).then_some(())?;
            self.index.objects.find(&Xref { target, ..*xref })
        })?;
        if let Some((path, fragment)) = own(&link.url) {
            link.url = self.index.link(&self.path, path, fragment);
        }
        Some(link)
    }

    /// `any`: whatever bears the name.
    fn anything(&self, xref: &Xref<'_>) -> Option<Link> {
        const KINDS: [(&str, &str); 11] = [
            ("std", "term"),
            ("std", "option"),
            ("std", "envvar"),
            ("std", "confval"),
            ("std", "token"),
            ("py", "obj"),
            ("c", "func"),
            ("cpp", "any"),
            ("js", "func"),
            ("rst", "dir"),
            ("rst", "role"),
        ];
        let lower = xref.target.to_lowercase();
        KINDS.into_iter().find_map(|(domain, role)| {
            let target = if role == "term" { lower.as_str() } else { xref.target };
            self.object(&Xref { domain, role, target, ..*xref })
        })
    }

    /// `:issue:`12``, `:commit:`1a2b3c4d``, `:user:`ann``, `:mail:`id@host``: living things of the hub.
    fn living(&self, role: &str, target: &str) -> Option<Link> {
        let bare = target.trim_start_matches(['#', '@']).trim_matches(['<', '>']);
        let mention = match role {
            "issue" if target.contains('#') => target.to_owned(),
            "issue" => format!("#{target}"),
            "commit" => format!("commit {bare}"),
            "mail" => format!("<{bare}>"),
            "user" => String::new(),
            _ => return None,
        };
        let url = match autolink::find(&mention).first() {
            Some(found) => autolink::url_of(found),
            None if role == "user" && !bare.is_empty() => format!("/people/{}", web::urlpart(bare)),
            None => return None,
        };
        let title = if role == "issue" { mention.clone() } else { bare.to_owned() };
        self.mentions.borrow_mut().push(mention);
        let link = |url| Link { url, title: Some(title.clone()), class: Some(role.to_owned()), ..Link::default() };
        match &self.index.wish.form {
            Form::Hub => Some(link(url)),
            Form::Files { hub: Some(hub) } => Some(link(format!("{hub}{url}"))),
            // Nobody is there to ask: the words stand without an address.
            Form::Files { hub: None } => Some(link(String::new())),
        }
    }

    fn extlink(&self, role: &str, target: &str) -> Option<Link> {
        let extlink = self.index.settings.extlinks.get(role)?;
        let caption = if extlink.caption.is_empty() { "%s" } else { &extlink.caption };
        Some(Link {
            url: extlink.url.replace("%s", target),
            title: Some(caption.replace("%s", target)),
            class: Some("extlink".into()),
            ..Link::default()
        })
    }

    fn find_url(&self, uri: &str) -> Option<String> {
        if uri.starts_with('#') || uri.starts_with("//") || uri.contains(':') {
            return (uri.starts_with('#') || safe_scheme(uri)).then(|| uri.to_owned());
        }
        let end = uri.find(['#', '?']).unwrap_or(uri.len());
        let (path, rest) = uri.split_at(end);
        if let Some(source) = self.index.names.page(self.source, path) {
            return Some(format!("{}{rest}", self.index.link(&self.path, &address(source), "")));
        }
        if let Some(file) = self.found_file(path) {
            return Some(format!("{file}{rest}"));
        }
        let inside = resolve(self.source, path);
        if let Some(made) = inside.filter(|inside| self.index.made.contains(inside)) {
            return Some(format!("{}{rest}", self.index.link(&self.path, &made, "")));
        }
        // An address of the hub itself (`/issues/`) is not ours to judge.
        let hub = match &self.index.wish.form {
            Form::Files { hub: Some(hub) } => hub,
            _ => "",
        };
        path.starts_with('/').then(|| format!("{hub}{uri}"))
    }

    fn find_image(&self, uri: &str) -> Option<String> {
        if uri.contains("://") || uri.starts_with("data:") {
            return safe_scheme(uri).then(|| uri.to_owned());
        }
        self.found_file(uri)
    }

    /// The address of a file that is no page.
    fn found_file(&self, path: &str) -> Option<String> {
        let plain = path.replace("%20", " ");
        let inside = resolve(self.source, &plain)?;
        let known = self.index.files.contains_key(&inside) && !self.index.pages.contains_key(inside.as_str());
        known.then(|| self.index.file(&self.path, &inside))
    }

    /// The list that a toctree shows: pages, their sections and the pages below them, as deep as it says.
    fn toctree_html(&self, ordinal: usize) -> Option<String> {
        let toctree = self.index.pages.get(self.source)?.toctrees.get(ordinal)?;
        let mut list = List { resolver: self, out: String::new(), lines: 0, above: vec![self.source.to_owned()] };
        // With a caption it is a landmark of that name; without one a screen reader could not tell it from others.
        let (opener, closer) = match toctree.caption.as_deref().map(markup::escape) {
            Some(caption) => (
                format!(
                    "<nav class=\"toctree-wrapper\" aria-label=\"{caption}\">\n<p class=\"caption\">{caption}</p>\n<ul>\n"
                ),
                "</ul>\n</nav>\n",
            ),
            None => ("<div class=\"toctree-wrapper\">\n<ul>\n".to_owned(), "</ul>\n</div>\n"),
        };
        list.out.push_str(&opener);
        for item in self.index.contents.items(self.source, ordinal) {
            list.item(item, toctree.titles_only, toctree.depth.unwrap_or(20));
        }
        list.out.push_str(closer);
        Some(list.out)
    }
}

struct List<'a> {
    resolver: &'a PageResolver<'a>,
    out: String,
    lines: usize,
    above: Vec<String>,
}

impl List<'_> {
    fn item(&mut self, item: &Item, titles_only: bool, depth: i64) {
        let index = self.resolver.index;
        match item {
            Item::Link { url, title } => {
                self.line(url, title);
                self.out.push_str("</li>\n");
            }
            Item::Page { source, title } => {
                let Some(facts) = index.pages.get(source.as_str()) else { return };
                let words = if title.is_empty() { index.title(source) } else { title.clone() };
                let words = index.number_of_page(source).map_or(words.clone(), |number| format!("{number}. {words}"));
                self.line(&index.link(&self.resolver.path, &address(source), ""), &words);
                if depth > 1 && !self.above.contains(source) {
                    self.above.push(source.clone());
                    self.parts(source, &index.contents.outline(source, facts), titles_only, depth - 1);
                    self.above.pop();
                }
                self.out.push_str("</li>\n");
            }
        }
    }

    fn parts(&mut self, source: &str, parts: &[Part<'_>], titles_only: bool, depth: i64) {
        let index = self.resolver.index;
        let shown = |part: &&Part<'_>| !titles_only || holds_items(part);
        if !parts.iter().any(|part| shown(&part)) {
            return;
        }
        if titles_only {
            // Sections are passed over; pages below them move up.
            let mut items = vec![];
            gather(parts, &mut items);
            self.out.push_str("\n<ul>\n");
            items.into_iter().for_each(|item| self.item(item, true, depth));
            return self.out.push_str("</ul>\n");
        }
        self.out.push_str("\n<ul>\n");
        for part in parts {
            match part {
                Part::Item(item) => self.item(item, titles_only, depth),
                Part::Heading(at, inner) => {
                    let Some(heading) = index.pages.get(source).and_then(|facts| facts.toc.get(*at)) else { continue };
                    let number = index.numbers.section_number(source, &heading.id);
                    let words = number.map_or(heading.title.clone(), |number| format!("{number}. {}", heading.title));
                    self.line(&index.link(&self.resolver.path, &address(source), &heading.id), &words);
                    if depth > 1 {
                        self.parts(source, inner, titles_only, depth - 1);
                    }
                    self.out.push_str("</li>\n");
                }
            }
        }
        self.out.push_str("</ul>\n");
    }

    /// Opens an item; beyond the most lines it is left out.
    fn line(&mut self, url: &str, words: &str) {
        self.lines += 1;
        if self.lines > MOST_LINES {
            return self.out.push_str("<li>");
        }
        self.out.push_str(&format!("<li><a href=\"{}\">{}</a>", markup::escape(url), markup::escape(words)));
    }
}

fn holds_items(part: &Part<'_>) -> bool {
    match part {
        Part::Item(..) => true,
        Part::Heading(_, inner) => inner.iter().any(holds_items),
    }
}

fn gather<'a>(parts: &[Part<'a>], items: &mut Vec<&'a Item>) {
    for part in parts {
        match part {
            Part::Item(item) => items.push(item),
            Part::Heading(_, inner) => gather(inner, items),
        }
    }
}

fn digest_of(link: Option<&Link>) -> u64 {
    digest(&link.map(|link| (&link.url, &link.title, &link.hint, &link.class)))
}

impl Resolver for PageResolver<'_> {
    fn resolve(&self, xref: &Xref<'_>) -> Option<Link> {
        let link = self.find(xref);
        let around = AROUND.map(|key| xref.doc.get(xref.node, key).map(str::to_owned));
        let (domain, role, target) = (xref.domain.to_owned(), xref.role.to_owned(), xref.target.to_owned());
        self.note(Question::Reference { domain, role, target, around }, digest_of(link.as_ref()));
        link
    }

    fn url<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        let url = self.find_url(uri);
        if !uri.contains("://") {
            self.note(Question::Url(uri.to_owned()), digest(&url));
        }
        url.map(Cow::Owned)
    }

    fn image<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        let url = self.find_image(uri);
        self.note(Question::Image(uri.to_owned()), digest(&url));
        url.map(Cow::Owned)
    }

    fn download<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        if uri.contains("://") { self.url(uri) } else { self.image(uri) }
    }

    fn toctree(&self, doc: &Document, node: NodeId) -> Option<String> {
        let ordinal = doc.all(Kind::Toctree).iter().position(|known| *known == node)?;
        let html = self.toctree_html(ordinal);
        self.note(Question::Toctree(ordinal), digest(&html));
        html
    }
}
