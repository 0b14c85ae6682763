//! Images and figures ("reStructuredText Directives", section "Images").

use super::{Call, Fault, OptionKind, Spec, Value};
use crate::block::explicit::hyperlink_target::{self as target, Destination};
use crate::doctree::names::{collapse, normalize};
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

const VERTICAL: [&str; 3] = ["top", "middle", "bottom"];
const HORIZONTAL: [&str; 3] = ["left", "center", "right"];
const ALIGN: OptionKind = OptionKind::Choice(&["top", "middle", "bottom", "left", "center", "right"]);
const FIGURE_ALIGN: OptionKind = OptionKind::Choice(&HORIZONTAL);
const LOADING: OptionKind = OptionKind::Choice(&["embed", "link", "lazy"]);

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

pub(super) static FIGURE: Spec = Spec {
    options: &[
        ("alt", OptionKind::Text),
        ("height", OptionKind::Length),
        ("width", OptionKind::LengthOrPercent),
        ("scale", OptionKind::Percentage),
        ("align", FIGURE_ALIGN),
        ("target", OptionKind::Required),
        ("loading", LOADING),
        ("class", OptionKind::Class),
        ("name", OptionKind::Text),
        ("figwidth", OptionKind::FigureWidth),
        ("figclass", OptionKind::Class),
        ("figname", OptionKind::Text),
    ],
    content: true,
    run: figure,
    ..IMAGE
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
fn build_image<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>) -> NodeId {
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
            ("target" | "name" | "align_figure", _) => {}
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

fn figure<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let align = call.text("align").map(str::to_owned);
    call.options.retain(|(name, _)| name != "align");
    let figure = parser.create_at(Kind::Figure, call.place);
    let image = build_image(parser, call);
    parser.doc.append(figure, image);
    if let Some(width) = call.text("figwidth").filter(|width| *width != "image") {
        parser.doc.set(figure, "width", width);
    }
    for class in call.classes("figclass") {
        parser.doc.push(figure, "classes", class);
    }
    if let Some(name) = call.text("figname") {
        parser.doc.push(figure, "names", normalize(name));
        parser.doc.note_explicit_target(figure, Some(figure));
    }
    if let Some(align) = align {
        parser.doc.set(figure, "align", align);
    }
    let mut nodes = vec![figure];
    if !call.content.is_empty()
        && let Some(message) = caption_and_legend(parser, call, figure)
    {
        nodes.push(message);
    }
    Ok(nodes)
}

/// The first paragraph is the caption, or an empty comment in its place; the rest is the legend.
fn caption_and_legend<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>, figure: NodeId) -> Option<NodeId> {
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    while let Some(child) = parser.doc.first_child(scratch) {
        match parser.doc.kind(child) {
            Kind::Target | Kind::Pending => {
                parser.doc.append(figure, child);
                continue;
            }
            Kind::Paragraph => {
                parser.doc.set_kind(child, Kind::Caption);
                parser.doc.append(figure, child);
            }
            Kind::Comment if !parser.doc.has_children(child) => parser.doc.detach(child),
            _ => {
                let text = "Figure caption must be a paragraph or empty comment.";
                return Some(parser.report_with(Level::Error, text, call.place, &call.source));
            }
        }
        break;
    }
    if parser.doc.has_children(scratch) {
        let legend = parser.doc.add(figure, Kind::Legend);
        parser.doc.move_children(scratch, legend);
    }
    None
}
