//! Footnotes for the targets of references ("reStructuredText Directives", section "Target Footnotes").

use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::NodeId;
use crate::parser::Parser;

pub(super) static TARGET_NOTES: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[("class", OptionKind::Class)],
    content: false,
    restricted: true,
    run: target_notes,
};

fn target_notes<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    Ok(vec![parser.pending(call, "docutils.transforms.references.TargetNotes")])
}
