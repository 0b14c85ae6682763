//! The table of contents ("Docutils Transforms", parts.Contents).

use super::Work;
use crate::doctree::{Detail, Kind, NodeId, Pending};

/// How titles lead back to the contents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backlinks {
    Entry,
    Top,
    None,
}

/// What the contents are made with.
struct Plan {
    depth: usize,
    backlinks: Backlinks,
    topic_id: String,
}

impl Work<'_, '_> {
    pub(super) fn contents(&mut self) {
        for pending in self.pending("parts.Contents") {
            let (Some(topic), Some(details)) = (self.doc.parent(pending), self.doc.pending(pending).cloned()) else {
                continue;
            };
            let plan = self.contents_plan(topic, &details);
            let mut start = self.doc.root();
            if details.detail("local").is_some() {
                let around = |n: &NodeId| matches!(self.doc.kind(*n), Kind::Section | Kind::Document);
                start = self.doc.ancestors(topic).find(around).unwrap_or(start);
            }
            let list = self.entries(start, &plan, 1);
            if self.room == 0 {
                self.refuse_costly(pending, "Contents");
                continue;
            }
            match list {
                Some(list) => self.replace_whole(pending, &[list]),
                None => self.doc.detach(topic),
            }
        }
    }

    fn contents_plan(&mut self, topic: NodeId, details: &Pending) -> Plan {
        let topic_id = self.doc.set_id(topic, None);
        let backlinks = match details.detail("backlinks") {
            Some(Detail::Text(text)) if text == "top" => Backlinks::Top,
            Some(Detail::Text(_)) | None => Backlinks::Entry,
            Some(_) => Backlinks::None,
        };
        let depth = match details.detail("depth") {
            Some(Detail::Int(depth)) => usize::try_from(*depth).unwrap_or(0),
            _ => usize::MAX,
        };
        Plan { depth, backlinks, topic_id }
    }

    /// The list of the sections of a node; none when there are no sections.
    fn entries(&mut self, node: NodeId, plan: &Plan, level: usize) -> Option<NodeId> {
        let sections: Vec<NodeId> = self.doc.children(node).filter(|&n| self.doc.kind(n) == Kind::Section).collect();
        if !self.spend(1 + self.doc.children(node).count()) || sections.is_empty() {
            return None;
        }
        let list = self.doc.create(Kind::BulletList);
        let mut numbered = false;
        for section in sections {
            let Some(title) = self.doc.first_child(section) else { continue };
            if !self.spend(4 + self.doc.descendants(title).count()) {
                break;
            }
            numbered = self.doc.has(title, "auto");
            let item = self.doc.add(list, Kind::ListItem);
            let paragraph = self.doc.add(item, Kind::Paragraph);
            let reference = self.doc.create(Kind::Reference);
            let id = self.doc.ids(section).first().cloned().unwrap_or_else(|| self.doc.set_id(section, None));
            self.doc.set(reference, "refid", id);
            self.copy_entry(title, reference);
            let entry_id = self.doc.set_id_like(reference, "toc-entry");
            self.doc.append(paragraph, reference);
            let linked = self.doc.descendants(title).any(|n| self.doc.kind(n) == Kind::Reference);
            match plan.backlinks {
                Backlinks::Entry if !linked => self.doc.set(title, "refid", entry_id),
                Backlinks::Top if !linked => self.doc.set(title, "refid", plan.topic_id.as_str()),
                _ => {}
            }
            if level < plan.depth
                && let Some(inner) = self.entries(section, plan, level + 1)
            {
                self.doc.append(item, inner);
            }
        }
        if numbered {
            self.doc.add_class(list, "auto-toc");
        }
        Some(list)
    }

    /// Copies a title without its references, targets, images and footnote marks.
    fn copy_entry(&mut self, from: NodeId, to: NodeId) {
        for child in self.doc.children(from).collect::<Vec<_>>() {
            match self.doc.kind(child) {
                Kind::CitationReference | Kind::FootnoteReference => {}
                Kind::Image => {
                    if let Some(alt) = self.doc.get(child, "alt").map(str::to_owned) {
                        self.doc.add_text(to, &alt);
                    }
                }
                Kind::Problematic | Kind::Reference | Kind::Target => self.copy_entry(child, to),
                _ => {
                    let twin = self.doc.copy_shallow(child);
                    self.doc.append(to, twin);
                    self.copy_entry(child, twin);
                }
            }
        }
    }
}
