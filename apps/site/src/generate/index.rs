//! Everything that a page may refer to: pages, labels, objects, other projects.

use std::collections::{BTreeMap, HashMap};

use markup::ObjectIndex;
use markup::page::inventory::{Inventory, Item};

use super::contents::Contents;
use super::facts::Facts;
use super::files::{address, resolve, stem};
use super::numbers::Numbers;
use super::{Form, Settings, Tree, Warning, Wish};

/// The pages of a site by the names under which documents know them.
pub struct Names<'a> {
    /// Path without the end of the name to source.
    stems: BTreeMap<&'a str, &'a str>,
    /// Source to itself.
    sources: HashMap<&'a str, &'a str>,
    /// Address to source.
    addresses: HashMap<String, &'a str>,
}

/// Pages that the generator makes when something refers to them.
pub const GENERAL: &str = "genindex";
const MADE: [&str; 4] = [GENERAL, "modindex", "py-modindex", "search"];

/// Whether a document of this name is made, or is the hub's search.
pub fn is_made(name: &str) -> bool {
    MADE.contains(&name)
}

impl<'a> Names<'a> {
    /// The names of these sources; two of one address are told.
    pub fn of(sources: impl Iterator<Item = &'a str>, warnings: &mut Vec<Warning>) -> Self {
        let mut names = Self { stems: BTreeMap::new(), sources: HashMap::new(), addresses: HashMap::new() };
        for source in sources {
            names.sources.insert(source, source);
            names.stems.entry(stem(source)).or_insert(source);
            match names.addresses.get(&address(source)) {
                None => drop(names.addresses.insert(address(source), source)),
                Some(first) => {
                    let text =
                        format!("It has the same address as {first}; only that one is shown. Rename one of the two.");
                    warnings.push(Warning::new(source, 0, text));
                }
            }
        }
        names
    }

    /// Names of documents (`howto/install`) with their sources, in order.
    pub fn documents(&self) -> impl DoubleEndedIterator<Item = (&'a str, &'a str)> {
        self.stems.iter().map(|(stem, source)| (*stem, *source))
    }

    /// The page that stands at an address.
    pub fn at(&self, address: &str) -> Option<&'a str> {
        self.addresses.get(address).copied()
    }

    /// The page that a document name means: `install`, `install.md`, `install.html`, `admin/`.
    pub fn page(&self, from: &str, target: &str) -> Option<&'a str> {
        let path = resolve(from, target)?;
        let exact = || self.sources.get(path.as_str()).copied();
        let named = || self.stems.get(path.as_str()).copied();
        let html = || path.strip_suffix(".html").and_then(|stem| self.stems.get(stem).copied());
        exact().or_else(named).or_else(html).or_else(|| self.at(&path))
    }
}

/// Where a label stands.
pub struct Place<'a> {
    pub source: &'a str,
    pub id: &'a str,
    pub title: Option<&'a str>,
    explicit: bool,
}

/// All that is known when pages are written.
pub struct Index<'a> {
    pub wish: &'a Wish,
    pub settings: &'a Settings,
    pub files: &'a Tree,
    pub pages: BTreeMap<&'a str, &'a Facts>,
    pub names: Names<'a>,
    /// A label that was given beats the title of a section.
    pub labels: HashMap<&'a str, Place<'a>>,
    pub objects: ObjectIndex,
    pub contents: Contents,
    pub numbers: Numbers,
    /// Pages that the generator adds, by address.
    pub made: Vec<String>,
}

/// Before the addresses of our own pages in [`ObjectIndex`], so that they can be written in any form.
pub const OWN: &str = "page:";

impl<'a> Index<'a> {
    /// Learns what the pages offer.
    pub fn of(
        wish: &'a Wish,
        settings: &'a Settings,
        files: &'a Tree,
        pages: BTreeMap<&'a str, &'a Facts>,
        warnings: &mut Vec<Warning>,
    ) -> Self {
        let names = Names::of(pages.keys().copied(), warnings);
        let contents = Contents::of(&pages, &names, warnings);
        let numbers = Numbers::of(&pages, &contents, settings.numfig);
        let mut labels: HashMap<&'a str, Place<'a>> = HashMap::new();
        let mut objects = ObjectIndex::default();
        for (source, facts) in &pages {
            objects.add_objects(&facts.objects, &format!("{OWN}{}", address(source)));
            for label in &facts.labels {
                let known = labels.get(label.name.as_str());
                if let Some(known) = known.filter(|known| known.explicit && label.explicit && known.source != *source) {
                    let text = format!(
                        "The label {:?} is taken: it stands in {} too, which is meant.",
                        label.name, known.source
                    );
                    warnings.push(Warning::new(source, 0, text));
                }
                if known.is_none_or(|known| !known.explicit && label.explicit) {
                    let (id, title) = (label.id.as_str(), label.title.as_deref());
                    labels.insert(&label.name, Place { source, id, title, explicit: label.explicit });
                }
            }
        }
        for (name, other) in &settings.intersphinx {
            match files.get(&other.inventory).map(|file| Inventory::read(&file.bytes)) {
                Some(Ok(inventory)) => objects.add_inventory(&inventory, &other.url),
                Some(Err(why)) => warnings.push(Warning::new(&other.inventory, 0, why)),
                None => {
                    let text = format!(
                        "The inventory of {name} is not in the source: {:?}. Put the objects.inv of the project there.",
                        other.inventory
                    );
                    warnings.push(Warning::new(super::settings::NAME, 0, text));
                }
            }
        }
        Self { wish, settings, files, pages, names, labels, objects, contents, numbers, made: vec![] }
    }

    /// The address of a page as a page at `from` writes it; `fragment` without its sign.
    pub fn link(&self, from: &str, to: &str, fragment: &str) -> String {
        let sign = if fragment.is_empty() { "" } else { "#" };
        match &self.wish.form {
            Form::Hub if to.is_empty() => format!("{}/{sign}{fragment}", self.wish.mount),
            Form::Hub => format!("{}/{}{sign}{fragment}", self.wish.mount, encoded(to)),
            Form::Files { .. } if to.is_empty() => format!("{}index.html{sign}{fragment}", up(from)),
            Form::Files { .. } => format!("{}{}/index.html{sign}{fragment}", up(from), encoded(to)),
        }
    }

    /// The address of a file that is no page.
    pub fn file(&self, from: &str, path: &str) -> String {
        match &self.wish.form {
            Form::Hub => format!("{}/{}", self.wish.mount, encoded(path)),
            Form::Files { .. } => format!("{}{}", up(from), encoded(path)),
        }
    }

    /// The number of a page, where pages are numbered.
    pub fn number_of_page(&self, source: &str) -> Option<&str> {
        let title = self.pages.get(source)?.toc.first()?;
        self.numbers.section_number(source, &title.id)
    }

    /// The title of a page as others name it.
    pub fn title(&self, source: &str) -> String {
        let title = self.pages.get(source).and_then(|facts| facts.title.clone());
        title.unwrap_or_else(|| super::lists::words_of(&address(source)))
    }

    /// The `objects.inv` of the site.
    pub fn inventory(&self) -> Inventory {
        let page = |facts: &Facts, source: &str| Item {
            name: stem(source).to_owned(),
            domain: "std".into(),
            kind: "doc".into(),
            url: self.within(&address(source), ""),
            title: facts.title.clone(),
        };
        let mut items: Vec<Item> = self.pages.iter().map(|(source, facts)| page(facts, source)).collect();
        items.extend(self.objects.items().iter().map(|item| {
            let (path, fragment) = own(&item.url).unwrap_or((&item.url, ""));
            Item { url: self.within(path, fragment), ..item.clone() }
        }));
        let (project, version) = (self.settings.title.clone(), self.settings.version.clone());
        Inventory { project, version, items }
    }

    /// An address relative to the root of the site.
    fn within(&self, path: &str, fragment: &str) -> String {
        let sign = if fragment.is_empty() { "" } else { "#" };
        match &self.wish.form {
            Form::Hub => format!("{path}{sign}{fragment}"),
            Form::Files { .. } if path.is_empty() => format!("index.html{sign}{fragment}"),
            Form::Files { .. } => format!("{path}/index.html{sign}{fragment}"),
        }
    }
}

/// Path and fragment of an address of our own.
pub fn own(url: &str) -> Option<(&str, &str)> {
    let inner = url.strip_prefix(OWN)?;
    Some(inner.split_once('#').unwrap_or((inner, "")))
}

/// The way from a page's folder to the root.
pub fn up(from: &str) -> String {
    let up = "../".repeat(from.split('/').filter(|part| !part.is_empty()).count());
    if up.is_empty() { "./".into() } else { up }
}

fn encoded(path: &str) -> String {
    path.split('/').map(web::urlpart).collect::<Vec<_>>().join("/")
}
