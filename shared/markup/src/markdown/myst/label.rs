//! `(label)=` before a heading or a paragraph, and links to `#label` (MyST, "Targets and Cross-Referencing").

use std::collections::HashSet;

use rst::doctree::names::normalize;
use rst::{Kind, NodeId};

use crate::markdown::builder::Builder;
use crate::markdown::slug;

impl Builder<'_> {
    /// Takes the labels off the beginning of a paragraph and makes targets of them.
    pub(in crate::markdown) fn take_labels(&mut self, paragraph: NodeId) {
        while let Some(text) = self.doc.first_child(paragraph).filter(|&n| self.doc.kind(n) == Kind::Text) {
            let words = self.doc.text(text).to_owned();
            let line = words.split('\n').next().unwrap_or_default();
            let Some(label) = line.strip_prefix('(').and_then(|l| l.trim_end().strip_suffix(")=")) else { return };
            let alone = words.len() > line.len() || self.doc.next_sibling(text).is_none();
            if label.is_empty() || label.contains([')', '(']) || !alone {
                return;
            }
            let target = self.doc.create(Kind::Target);
            self.doc.insert_before(paragraph, target);
            self.doc.push(target, "names", normalize(label));
            self.doc.push(target, "ids", slug(label));
            self.doc.note_explicit_target(target, None);
            let rest = words.get(line.len() + 1..).unwrap_or_default().to_owned();
            if rest.is_empty() {
                self.doc.detach(text);
            } else {
                self.doc.set_text(text, &rest);
            }
            if !self.doc.has_children(paragraph) {
                return self.doc.detach(paragraph);
            }
        }
    }

    /// Links to `#name` lead to a heading or a label of this page, or become references that the site resolves.
    pub(in crate::markdown) fn settle_references(&mut self) {
        let in_html = self.ids_in_html();
        for node in self.doc.all(Kind::Reference) {
            let Some(name) = self.doc.get(node, "refuri").and_then(|uri| uri.strip_prefix('#')).map(str::to_owned)
            else {
                continue;
            };
            let name = percent_encoding::percent_decode_str(&name).decode_utf8_lossy().into_owned();
            let by_id = (in_html.contains(&name) || self.doc.targets.ids.contains_key(&name)).then(|| name.clone());
            let known = by_id.or_else(|| self.doc.targets.name_ids.get(&normalize(&name)).cloned());
            self.doc.unset(node, "refuri");
            match known {
                Some(id) => {
                    if !self.doc.has_children(node) {
                        let words = self.words_of(&id).unwrap_or(name);
                        self.doc.add_text(node, &words);
                    }
                    self.doc.set(node, "refid", id);
                }
                None => {
                    let explicit = self.doc.has_children(node);
                    self.doc.set_kind(node, Kind::PendingXref);
                    self.doc.set(node, "refdomain", "std");
                    self.doc.set(node, "reftype", "ref");
                    self.doc.set(node, "refexplicit", i64::from(explicit));
                    if !explicit {
                        self.doc.add_text(node, &name);
                    }
                    self.doc.set(node, "reftarget", name);
                }
            }
        }
    }

    /// Identifiers that the author's own HTML has.
    fn ids_in_html(&self) -> HashSet<String> {
        let mut ids = HashSet::new();
        for node in self.doc.all(Kind::Raw) {
            let html = self.doc.text_of(node);
            for key in [" id=\"", " name=\""] {
                ids.extend(html.split(key).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
        ids
    }

    /// The title of what has this identifier: its own, or that of the section after a label.
    fn words_of(&self, id: &str) -> Option<String> {
        let node = *self.doc.targets.ids.get(id)?;
        let section = std::iter::successors(Some(node), |&n| {
            self.doc.next_sibling(n).filter(|_| self.doc.kind(n) == Kind::Target)
        })
        .find(|&n| self.doc.kind(n) != Kind::Target)?;
        let title = self.doc.first_child(section).filter(|&n| self.doc.kind(n) == Kind::Title)?;
        Some(self.doc.text_of(title))
    }
}
