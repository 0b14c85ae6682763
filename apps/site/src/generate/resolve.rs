//! Where references lead: pages and labels of the whole site, and living things of the hub (`:issue:`, `:commit:`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use markup::PageTree;
use markup::autolink;
use rst::html::{Link, Resolver, Xref, safe_scheme};

use super::files::{address, resolve};
use super::{Warning, warning};

/// Everything that a page may refer to.
pub struct Index<'a> {
    mount: &'a str,
    files: &'a BTreeMap<String, Vec<u8>>,
    /// Source to title, for every page.
    pages: BTreeMap<&'a str, Option<String>>,
    /// Label to where it stands; a label that was given beats the title of a section.
    labels: BTreeMap<String, Place<'a>>,
}

struct Place<'a> {
    source: &'a str,
    id: String,
    title: Option<String>,
    explicit: bool,
}

impl<'a> Index<'a> {
    /// Learns what the pages offer.
    pub fn of(mount: &'a str, trees: &'a [(&'a str, PageTree)], files: &'a BTreeMap<String, Vec<u8>>) -> Self {
        let mut labels: BTreeMap<String, Place<'a>> = BTreeMap::new();
        for (source, tree) in trees {
            for label in tree.labels() {
                let weaker = labels.get(&label.name).is_some_and(|known| known.explicit >= label.explicit);
                if !weaker {
                    let place = Place { source, id: label.id, title: label.title, explicit: label.explicit };
                    labels.insert(label.name, place);
                }
            }
        }
        let pages = trees.iter().map(|(source, tree)| (*source, tree.title())).collect();
        Self { mount, files, pages, labels }
    }

    /// Pages that would stand at one address.
    pub fn clashes(&self) -> Vec<Warning> {
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let mut warnings = vec![];
        for source in self.pages.keys() {
            if let Some(first) = taken.insert(address(source), source) {
                let text = format!("It has the same address as {first}; one of the two is not shown. Rename one.");
                warnings.push(warning(source, 0, &text));
            }
        }
        warnings
    }

    fn url_of(&self, source: &str) -> String {
        let path = address(source);
        if path.is_empty() { format!("{}/", self.mount) } else { format!("{}/{path}", self.mount) }
    }

    /// The page that a document name means: `install`, `install.md`, `admin/`.
    fn page(&self, from: &str, target: &str) -> Option<&'a str> {
        let path = resolve(from, target)?;
        let known = |source: String| self.pages.get_key_value(source.as_str()).map(|(source, _)| *source);
        let ends = ["", ".md", ".rst", ".markdown", ".rest"];
        let named = ends.iter().find_map(|end| known(format!("{path}{end}")));
        let html =
            || path.strip_suffix(".html").and_then(|stem| ends.iter().find_map(|end| known(format!("{stem}{end}"))));
        let folder = || {
            let inside = if path.is_empty() { String::new() } else { format!("{path}/") };
            ["index.md", "index.rst", "README.md", "README.rst"]
                .iter()
                .find_map(|name| known(format!("{inside}{name}")))
        };
        named.or_else(html).or_else(folder)
    }
}

/// Resolves for one page.
pub struct PageResolver<'a> {
    pub index: &'a Index<'a>,
    pub source: &'a str,
}

impl PageResolver<'_> {
    fn label(&self, target: &str) -> Option<Link> {
        let name = target.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let place = self.index.labels.get(&name)?;
        let url = format!("{}#{}", self.index.url_of(place.source), place.id);
        Some(Link { url, title: place.title.clone(), ..Link::default() })
    }

    fn document(&self, target: &str) -> Option<Link> {
        let source = self.index.page(self.source, target)?;
        let title = self.index.pages.get(source).cloned().flatten();
        Some(Link { url: self.index.url_of(source), title, ..Link::default() })
    }

    /// `:issue:`12``, `:commit:`1a2b3c4d``, `:user:`ann``, `:mail:`id@host``: living things of the hub.
    fn living(&self, role: &str, target: &str) -> Option<Link> {
        let (url, title) = match role {
            "issue" => {
                let number = target.trim_start_matches('#');
                (format!("/issues/{number}"), format!("#{number}"))
            }
            "commit" => (format!("/c/{target}"), target.to_owned()),
            "user" => (format!("/people/{}", target.trim_start_matches('@')), target.to_owned()),
            "mail" => {
                let wrapped = format!("<{}>", target.trim_matches(['<', '>']));
                let found = autolink::find(&wrapped);
                (autolink::url_of(found.first()?), target.to_owned())
            }
            _ => return None,
        };
        Some(Link { url, title: Some(title), class: Some(role.to_owned()), ..Link::default() })
    }
}

impl Resolver for PageResolver<'_> {
    fn resolve(&self, xref: &Xref<'_>) -> Option<Link> {
        match xref.role {
            "ref" | "numref" | "any" | "keyword" | "term" | "option" | "envvar" | "confval" => {
                self.label(xref.target).or_else(|| self.document(xref.target))
            }
            "doc" => self.document(xref.target),
            "download" => self.image(xref.target).map(|url| Link { url: url.into_owned(), ..Link::default() }),
            role => self
                .living(role, xref.target)
                .or_else(|| self.label(xref.target))
                .or_else(|| self.document(xref.target)),
        }
    }

    fn url<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        if uri.starts_with('#') || uri.starts_with("//") || uri.contains(':') {
            return (uri.starts_with('#') || safe_scheme(uri)).then_some(Cow::Borrowed(uri));
        }
        let end = uri.find(['#', '?']).unwrap_or(uri.len());
        let (path, rest) = uri.split_at(end);
        if let Some(source) = self.index.page(self.source, path) {
            return Some(Cow::Owned(format!("{}{rest}", self.index.url_of(source))));
        }
        if let Some(file) = self.file(path) {
            return Some(Cow::Owned(format!("{file}{rest}")));
        }
        // An address of the hub itself (`/issues/`) is not ours to judge.
        path.starts_with('/').then_some(Cow::Borrowed(uri))
    }

    fn image<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        if uri.contains("://") || uri.starts_with("data:") {
            return safe_scheme(uri).then_some(Cow::Borrowed(uri));
        }
        self.file(uri).map(Cow::Owned)
    }
}

impl PageResolver<'_> {
    /// The address of a file that is no page.
    fn file(&self, path: &str) -> Option<String> {
        let inside = resolve(self.source, path)?;
        let known = self.index.files.contains_key(&inside) && !self.index.pages.contains_key(inside.as_str());
        let parts: Vec<String> = inside.split('/').map(web::urlpart).collect();
        known.then(|| format!("{}/{}", self.index.mount, parts.join("/")))
    }
}
