//! Where a page leads, and where others may lead into it.

use rst::html::Xref;
use rst::{Document, Kind, NodeId};

use super::PageTree;
use super::survey::Survey;

/// One link or image of the page, as it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub target: String,
    /// The line in the source, counted from 1; 0 when it is not known.
    pub line: usize,
    pub image: bool,
}

/// A name by which other pages may refer to a place of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// In lower case, white space collapsed, as references are compared.
    pub name: String,
    /// The fragment of the address.
    pub id: String,
    /// The title of the section or the caption of the figure, when there is one.
    pub title: Option<String>,
    /// False for the title of a section, which is a weak name: many pages have an "introduction".
    pub explicit: bool,
}

impl PageTree {
    /// All links and images, in the order of the page.
    pub fn links(&self) -> Vec<Link> {
        self.links_in(&Survey::of(&self.document))
    }

    pub(super) fn links_in(&self, survey: &Survey) -> Vec<Link> {
        let doc = &self.document;
        let target = |node| match doc.kind(node) {
            Kind::Image => doc.get(node, "uri").map(|uri| (uri, true)),
            _ => doc.get(node, "refuri").map(|uri| (uri, false)),
        };
        let links = survey.links.iter().filter_map(|&node| target(node).map(|found| (node, found)));
        links.map(|(node, (target, image))| Link { target: target.to_owned(), line: line(doc, node), image }).collect()
    }

    /// All names by which other pages may refer to this one, in the order of the page.
    pub fn labels(&self) -> Vec<Label> {
        let doc = &self.document;
        let mut labels: Vec<Label> = Vec::new();
        for node in doc.descendants(doc.root()) {
            let Some(id) = doc.ids(node).first() else { continue };
            let target = doc.kind(node) == Kind::Target;
            for name in doc.names(node) {
                let explicit = doc.targets.names.get(name).map_or(target, |n| n.explicit);
                labels.push(Label { name: name.clone(), id: id.clone(), title: title(doc, node), explicit });
            }
        }
        labels
    }

    /// The references that only a site can resolve, each with its line.
    pub fn references(&self) -> impl Iterator<Item = (Xref<'_>, usize)> {
        let pending = self.document.all(Kind::PendingXref);
        self.references_in(pending)
    }

    pub(super) fn references_in(&self, pending: Vec<NodeId>) -> impl Iterator<Item = (Xref<'_>, usize)> {
        let doc = &self.document;
        pending.into_iter().map(move |node| (Xref::of(doc, node), line(doc, node)))
    }
}

/// The line at which a node or the nearest one around it begins.
pub(super) fn line(doc: &Document, node: NodeId) -> usize {
    let nodes = std::iter::once(node).chain(doc.ancestors(node));
    nodes.filter_map(|n| doc.line(n)).next().and_then(|line| usize::try_from(line).ok()).unwrap_or(0)
}

/// The words that stand for a place: the title of a section, a table or a figure, or of what follows a label.
fn title(doc: &Document, node: NodeId) -> Option<String> {
    let behind = |n: &NodeId| doc.next_sibling(*n).filter(|_| doc.kind(*n) == Kind::Target);
    let place = std::iter::successors(Some(node), behind).find(|&n| doc.kind(n) != Kind::Target)?;
    let words = |n: NodeId| matches!(doc.kind(n), Kind::Title | Kind::Caption);
    doc.children(place).find(|&n| words(n)).map(|n| doc.text_of(n))
}
