//! What other pages and the site must know of a page, so that its tree need not be kept.

use std::collections::{BTreeMap, HashSet};

use markup::frontmatter::Meta;
use markup::{IndexEntry, Label, Object, PageTree};
use rst::{Document, Kind, NodeId};

use super::Heading;

/// A toctree of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toctree {
    /// The identifier of the section that it stands in.
    pub section: Option<String>,
    pub caption: Option<String>,
    /// Title, when one was given, and target.
    pub entries: Vec<(String, String)>,
    pub hidden: bool,
    pub glob: bool,
    pub reversed: bool,
    pub titles_only: bool,
    /// How deep sections are numbered.
    pub numbered: Option<i64>,
    /// How deep it is shown.
    pub depth: Option<i64>,
    pub line: usize,
}

/// Something with a caption, which may bear a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captioned {
    /// Its own identifiers and those of the labels before it.
    pub ids: Vec<String>,
    /// `Fig.`, `Table`, `Listing`.
    pub word: &'static str,
}

/// What is known of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub title: Option<String>,
    pub meta: Meta,
    pub toc: Vec<Heading>,
    pub labels: Vec<Label>,
    pub objects: Vec<Object>,
    pub index: Vec<IndexEntry>,
    pub toctrees: Vec<Toctree>,
    pub captioned: Vec<Captioned>,
    /// All fragments of its address.
    pub ids: HashSet<String>,
    /// It has HTML of its own, whose identifiers are not known.
    pub opaque: bool,
    /// It refers to something by number.
    pub refers_by_number: bool,
    /// The files that it includes, with their digests; none for one that is missing.
    pub reads: BTreeMap<String, Option<u64>>,
}

impl Facts {
    /// Learns all of a page.
    pub fn of(tree: &PageTree, reads: BTreeMap<String, Option<u64>>) -> Self {
        let doc = &tree.document;
        let toc = tree.toc(&["html"]).into_iter();
        let mut facts = Self {
            title: tree.title(),
            meta: tree.meta(),
            toc: toc.map(|h| Heading { level: h.level, id: h.id, title: h.title }).collect(),
            labels: tree.labels(),
            objects: tree.objects(),
            index: tree.index(),
            reads,
            ..Self::default()
        };
        for node in doc.descendants(doc.root()) {
            facts.ids.extend(doc.ids(node).iter().cloned());
            match doc.kind(node) {
                Kind::Toctree => facts.toctrees.push(toctree(doc, node)),
                Kind::Raw => facts.opaque = true,
                Kind::PendingXref => facts.refers_by_number |= doc.get(node, "reftype") == Some("numref"),
                _ => facts.captioned.extend(captioned(doc, node)),
            }
        }
        facts
    }

    /// Whether the page bears a mark in its head: `orphan`, also as an empty field of reST.
    pub fn is_marked(&self, key: &str) -> bool {
        self.meta.is_true(key) || self.meta.get(key) == Some("")
    }
}

fn toctree(doc: &Document, node: NodeId) -> Toctree {
    let flag = |name: &str| doc.int(node, name) == Some(1) || doc.get(node, name) == Some("True");
    let section = doc.ancestors(node).find(|&n| doc.kind(n) == Kind::Section);
    let mut entries: Vec<(String, String)> = doc
        .list(node, "entries")
        .iter()
        .map(|entry| entry.split_once('\0').unwrap_or(("", entry)))
        .map(|(title, target)| (title.to_owned(), target.to_owned()))
        .collect();
    if flag("reversed") {
        entries.reverse();
    }
    let numbered = doc.has(node, "numbered").then(|| doc.int(node, "numbered").filter(|n| *n > 1).unwrap_or(99));
    let nodes = std::iter::once(node).chain(doc.ancestors(node));
    Toctree {
        section: section.and_then(|n| doc.ids(n).first().cloned()),
        caption: doc.get(node, "caption").map(str::to_owned),
        entries,
        hidden: flag("hidden"),
        glob: flag("glob"),
        reversed: flag("reversed"),
        titles_only: flag("titlesonly"),
        numbered,
        depth: doc.int(node, "maxdepth").filter(|depth| *depth > 0),
        line: nodes.filter_map(|n| doc.line(n)).next().and_then(|line| usize::try_from(line).ok()).unwrap_or(0),
    }
}

/// The words before the number of a thing with a caption.
pub fn word_of(doc: &Document, node: NodeId) -> Option<&'static str> {
    let has = |kind| doc.children(node).any(|n| doc.kind(n) == kind);
    match doc.kind(node) {
        Kind::Figure if has(Kind::Caption) => Some("Fig."),
        Kind::Table if has(Kind::Title) => Some("Table"),
        Kind::Container if has(Kind::Caption) => Some("Listing"),
        _ => None,
    }
}

fn captioned(doc: &Document, node: NodeId) -> Option<Captioned> {
    let word = word_of(doc, node)?;
    let targets = std::iter::successors(doc.prev_sibling(node), |&n| doc.prev_sibling(n))
        .take_while(|&n| doc.kind(n) == Kind::Target);
    let ids = std::iter::once(node).chain(targets).flat_map(|n| doc.ids(n).iter().cloned()).collect();
    Some(Captioned { ids, word })
}
