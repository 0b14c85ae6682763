//! Figures with captions in Markdown (MyST, "Figures": `figure`, `figure-md`).

use rst::{Kind, NodeId};

use super::fence::{Parts, in_rst};
use crate::markdown::builder::Builder;

impl Builder<'_> {
    /// The first paragraph is the caption, the rest the legend; in `figure-md` the image stands in the body.
    pub(super) fn figure(&mut self, parts: &Parts<'_>, place: NodeId, line: u32) {
        let inside = self.doc.create(Kind::Container);
        self.nested(&parts.body, parts.body_line(line), inside);
        let mut nodes: Vec<NodeId> = self.doc.children(inside).collect();
        let figure = if parts.name == "figure-md" {
            let figure = self.doc.add(place, Kind::Figure);
            if !parts.argument.is_empty() {
                self.doc.push(figure, "names", rst::doctree::names::normalize(parts.argument));
                self.doc.note_explicit_target(figure, None);
            }
            if !nodes.is_empty() {
                let first = nodes.remove(0);
                match self.doc.first_child(first).filter(|&n| self.doc.kind(n) == Kind::Image) {
                    Some(image) => self.doc.append(figure, image),
                    None => self.doc.append(figure, first),
                }
            }
            figure
        } else {
            let fragment = self.read_rst(&in_rst("figure", parts.argument, &parts.options, ""));
            self.graft(&fragment, place, line);
            let Some(figure) = self.doc.children(place).find(|&n| self.doc.kind(n) == Kind::Figure) else { return };
            figure
        };
        let mut nodes = nodes.into_iter();
        if let Some(caption) = nodes.next() {
            if self.doc.kind(caption) == Kind::Paragraph {
                self.doc.set_kind(caption, Kind::Caption);
            }
            self.doc.append(figure, caption);
        }
        let rest: Vec<NodeId> = nodes.collect();
        if !rest.is_empty() {
            let legend = self.doc.add(figure, Kind::Legend);
            rest.into_iter().for_each(|n| self.doc.append(legend, n));
        }
    }
}
