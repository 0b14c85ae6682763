//! Graphs in the language of Graphviz (Sphinx documentation, extension `graphviz`).

use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::parser::Parser;

pub(super) static GRAPHVIZ: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: false,
    options: &[
        ("alt", OptionKind::Text),
        ("align", OptionKind::Choice(&["left", "center", "right"])),
        ("caption", OptionKind::Text),
        ("layout", OptionKind::Text),
        ("graphviz_dot", OptionKind::Text),
        ("name", OptionKind::Text),
        ("class", OptionKind::Class),
    ],
    content: true,
    restricted: false,
    run: graphviz,
};

pub(super) static GRAPH: Spec = Spec { required: 1, optional: 0, run: graph, ..GRAPHVIZ };

fn graphviz<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let source = match call.arguments.first().cloned() {
        Some(_) if !call.content.is_empty() => {
            return Err(Fault::warning("Graphviz directive cannot have both content and a filename argument"));
        }
        Some(path) => parser.read_file(call, &path)?.text,
        None if call.content.is_empty() => {
            return Err(Fault::warning("Ignoring \"graphviz\" directive without content."));
        }
        None => lines::join(&call.content),
    };
    Ok(vec![graph_node(parser, call, &source)])
}

fn graph<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let source = format!("{} {} {{\n{}\n}}\n", call.name, call.arguments[0], lines::join(&call.content));
    Ok(vec![graph_node(parser, call, &source)])
}

fn graph_node<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, source: &str) -> NodeId {
    let node = parser.create_at(Kind::Graphviz, call.place);
    parser.doc.add_text(node, source);
    for name in ["alt", "align", "layout"] {
        if let Some(text) = call.text(name) {
            parser.doc.set(node, name, text);
        }
    }
    if let Some(layout) = call.text("graphviz_dot") {
        parser.doc.set(node, "layout", layout);
    }
    parser.add_classes(call, node);
    let Some(caption) = call.text("caption") else {
        parser.add_name(call, node);
        return node;
    };
    let figure = parser.create_at(Kind::Figure, call.place);
    parser.doc.append(figure, node);
    let title = parser.doc.add(figure, Kind::Caption);
    let messages = parser.inline(caption, call.place, title);
    parser.append_all(figure, messages);
    parser.add_name(call, figure);
    figure
}
