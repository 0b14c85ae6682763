//! One look at the whole tree, for all that is asked of a page when it is written.

use rst::{Document, Kind, NodeId};

/// The nodes that matter besides the HTML, each list in the order of the page.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    pub titles: Vec<NodeId>,
    /// References with an address, and images.
    pub links: Vec<NodeId>,
    /// References that only a site can resolve.
    pub pending: Vec<NodeId>,
    pub docinfo: Vec<NodeId>,
    pub meta: Vec<NodeId>,
}

impl Survey {
    pub fn of(doc: &Document) -> Survey {
        let mut survey = Survey::default();
        for node in doc.descendants(doc.root()) {
            match doc.kind(node) {
                Kind::Title => survey.titles.push(node),
                Kind::Reference | Kind::Image => survey.links.push(node),
                Kind::PendingXref => survey.pending.push(node),
                Kind::Docinfo => survey.docinfo.push(node),
                Kind::Meta => survey.meta.push(node),
                _ => {}
            }
        }
        survey
    }
}
