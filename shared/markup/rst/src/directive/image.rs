//! Images ("reStructuredText Directives", sections "Image" and "Inline Images").

use super::{Call, Fault, OptionKind, Spec, Value};
use crate::block::explicit::hyperlink_target::{self as target, Destination};
use crate::doctree::names::{collapse, normalize};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

const VERTICAL: [&str; 3] = ["top", "middle", "bottom"];
pub(super) const HORIZONTAL: [&str; 3] = ["left", "center", "right"];
const ALIGN: OptionKind = OptionKind::Choice(&["top", "middle", "bottom", "left", "center", "right"]);
pub(super) const LOADING: OptionKind = OptionKind::Choice(&["embed", "link", "lazy"]);

pub(super) static IMAGE: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[
        ("alt", OptionKind::Text),
        ("height", OptionKind::Length),
        ("width", OptionKind::LengthOrPercent),
        ("scale", OptionKind::Percentage),
        ("align", ALIGN),
        ("target", OptionKind::Required),
        ("loading", LOADING),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
    ],
    content: false,
    restricted: true,
    run: image,
};

fn image<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if let Some(align) = call.text("align") {
        let (allowed, place) = match call.substitution {
            Some(_) => (VERTICAL, " within a substitution definition"),
            None => (HORIZONTAL, ""),
        };
        if !allowed.contains(&align) {
            let text = format!(
                "Error in \"{}\" directive: \"{align}\" is not a valid value for the \"align\" option{place}.  Valid values for \"align\" are: \"{}\".",
                call.name,
                allowed.join("\", \"")
            );
            return Err(Fault::error(text));
        }
    }
    Ok(vec![build_image(parser, call)])
}

/// The image, inside its reference when it has a target.
pub(super) fn build_image<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>) -> NodeId {
    let uri = target::uri(&call.arguments[0]);
    let reference = call.text("target").map(|text| {
        let reference = parser.doc.create(Kind::Reference);
        let lines: Vec<&str> = text.lines().collect();
        match target::destination(&lines) {
            Destination::Uri(uri) => parser.doc.set(reference, "refuri", uri),
            Destination::Name(name) => {
                parser.doc.set(reference, "refname", normalize(&name));
                parser.doc.set(reference, "name", collapse(&name));
                parser.doc.note_refname(reference);
            }
        }
        reference
    });
    let image = parser.create_at(Kind::Image, call.place);
    for (name, value) in &call.options {
        match (name.as_str(), value) {
            ("class", Value::List(classes)) => parser.doc.set(image, "classes", classes.clone()),
            ("alt" | "height" | "width" | "loading" | "align", Value::Text(text)) => {
                parser.doc.set(image, name.clone(), text.clone());
            }
            ("scale", Value::Int(number)) => parser.doc.set(image, "scale", *number),
            _ => {}
        }
    }
    parser.doc.set(image, "uri", uri);
    parser.add_name(call, image);
    match reference {
        Some(reference) => {
            parser.doc.append(reference, image);
            reference
        }
        None => image,
    }
}
