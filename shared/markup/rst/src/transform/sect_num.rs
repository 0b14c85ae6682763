//! Numbers of sections ("Docutils Transforms", parts.SectNum).

use super::Work;
use crate::doctree::{Detail, Kind, NodeId};

/// How numbers look, and how deep they go.
struct Plan {
    depth: i64,
    start: i64,
    prefix: String,
    suffix: String,
}

impl Work<'_, '_> {
    pub(super) fn sect_num(&mut self) {
        for pending in self.pending("parts.SectNum") {
            let Some(details) = self.doc.pending(pending).cloned() else { continue };
            let number = |name| match details.detail(name) {
                Some(Detail::Int(number)) => Some(*number),
                _ => None,
            };
            let text = |name| match details.detail(name) {
                Some(Detail::Text(text)) => text.clone(),
                _ => String::new(),
            };
            let plan = Plan {
                depth: number("depth").unwrap_or(i64::MAX),
                start: number("start").unwrap_or(1),
                prefix: text("prefix"),
                suffix: text("suffix"),
            };
            if self.room == 0 {
                self.refuse_costly(pending, "Section numbers");
                continue;
            }
            self.doc.detach(pending);
            self.number_sections(self.doc.root(), "", 1, &plan);
        }
    }

    fn number_sections(&mut self, node: NodeId, prefix: &str, depth: i64, plan: &Plan) {
        if !self.spend(1 + 3 * self.doc.children(node).count()) {
            return;
        }
        let mut number = if prefix.is_empty() { plan.start } else { 1 };
        for section in self.doc.children(node).collect::<Vec<_>>() {
            if self.doc.kind(section) != Kind::Section {
                continue;
            }
            let Some(title) = self.doc.first_child(section) else { continue };
            let numbers = format!("{prefix}{number}");
            let label = self.doc.create(Kind::Generated);
            self.doc.push(label, "classes", "sectnum");
            let text = format!("{}{numbers}{}\u{a0}\u{a0}\u{a0}", plan.prefix, plan.suffix);
            self.doc.add_text(label, &text);
            self.doc.prepend(title, label);
            self.doc.set(title, "auto", 1);
            if depth < plan.depth {
                self.number_sections(section, &format!("{numbers}."), depth + 1, plan);
            }
            number = number.saturating_add(1);
        }
    }
}
