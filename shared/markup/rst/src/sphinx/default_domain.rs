//! The domain of names without one (Sphinx documentation, directive `default-domain`).

use super::OPEN;
use crate::directive::{Call, Fault, Spec};
use crate::doctree::NodeId;
use crate::parser::Parser;

pub(super) static DEFAULT_DOMAIN: Spec = Spec { options: &[], content: false, run: default_domain, ..OPEN };

fn default_domain<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    parser.sphinx.domain = Some(call.arguments[0].to_lowercase());
    Ok(Vec::new())
}
