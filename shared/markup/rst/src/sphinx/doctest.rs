//! Code that is tested (Sphinx documentation, extension `doctest`): setup and cleanup are not shown.

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static DOCTEST: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[("*", OptionKind::Text)],
    content: true,
    restricted: true,
    run: doctest,
};

pub(super) static CODE: Spec = Spec { run: code, ..DOCTEST };
pub(super) static HIDDEN: Spec = Spec { run: |_, _| Ok(Vec::new()), ..DOCTEST };

fn doctest<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    shown(parser, call, Kind::DoctestBlock, None)
}

fn code<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let language = if call.name.eq_ignore_ascii_case("testcode") { "python" } else { "none" };
    shown(parser, call, Kind::LiteralBlock, Some(language))
}

fn shown<'a>(
    parser: &mut Parser<'a>,
    call: &Call<'a, '_>,
    kind: Kind,
    language: Option<&str>,
) -> Result<Vec<NodeId>, Fault> {
    if call.has("hide") {
        return Ok(Vec::new());
    }
    let node = parser.create_at(kind, call.place);
    parser.doc.set(node, "xml:space", "preserve");
    if let Some(language) = language {
        parser.doc.set(node, "language", language);
    }
    parser.doc.add_text(node, &lines::join(&call.content));
    Ok(vec![node])
}
