//! Numbers of sections ("reStructuredText Directives", section "Automatic Section Numbering").

use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::NodeId;
use crate::parser::Parser;

pub(super) static SECTNUM: Spec = Spec {
    required: 0,
    optional: 0,
    last_with_space: false,
    options: &[
        ("depth", OptionKind::Int),
        ("start", OptionKind::Int),
        ("prefix", OptionKind::Required),
        ("suffix", OptionKind::Required),
    ],
    content: false,
    restricted: false,
    run: sectnum,
};

fn sectnum<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    Ok(vec![parser.pending(call, "docutils.transforms.parts.SectNum")])
}
