//! The title of the document in its metadata ("reStructuredText Directives", section "Metadata Document Title").

use super::{Call, Fault, Spec};
use crate::doctree::NodeId;
use crate::parser::Parser;

pub(super) static TITLE: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[],
    content: false,
    restricted: false,
    run: title,
};

fn title<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let root = parser.doc.root();
    parser.doc.set(root, "title", call.arguments[0].clone());
    Ok(Vec::new())
}
