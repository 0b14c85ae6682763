//! Directives that read Python code (Sphinx documentation, extension `autodoc`), which this parser does not run.

use super::OPEN;
use crate::directive::{Call, Fault, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

pub(super) static AUTODOC: Spec = Spec { required: 0, optional: 1, run: autodoc, ..OPEN };

/// A note stands in their place.
fn autodoc<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Unsupported, call.place);
    parser.doc.set(node, "name", call.name.as_str());
    let what = call.arguments.first().map_or("", String::as_str);
    let text = format!("\"{}\" reads documentation out of Python code, which is not run here: {what}", call.name);
    let message = parser.report(Level::Warning, text.trim_end_matches([':', ' ']), call.place);
    parser.doc.append(node, message);
    Ok(vec![node])
}
