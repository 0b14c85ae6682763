//! Figures with caption and legend ("reStructuredText Directives", section "Figure").

use super::image::{HORIZONTAL, IMAGE, LOADING, build_image};
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::names::normalize;
use crate::doctree::{Kind, Level, NodeId};
use crate::parser::Parser;

const FIGURE_ALIGN: OptionKind = OptionKind::Choice(&HORIZONTAL);

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
