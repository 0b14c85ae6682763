//! Numbers and symbols of footnotes, and their references ("Docutils Transforms", references.Footnotes).

use super::Work;
use crate::doctree::{Kind, Level, NodeId};

/// Symbols in their order; after the last they are doubled.
const SYMBOLS: [&str; 10] = ["*", "†", "‡", "§", "¶", "#", "♠", "♥", "♦", "♣"];

impl Work<'_, '_> {
    pub(super) fn footnotes(&mut self) {
        let labels = self.number_footnotes();
        self.number_references(&labels);
        self.symbolize_footnotes();
        for footnote in self.doc.targets.footnotes.clone() {
            for name in self.doc.names(footnote).to_vec() {
                let references = self.footnote_references_to(&name);
                self.resolve_notes(footnote, references);
            }
        }
        for citation in self.doc.targets.citations.clone() {
            for name in self.doc.names(citation).to_vec() {
                let references = self.citation_references_to(&name);
                self.resolve_notes(citation, references);
            }
        }
    }

    /// Gives automatic footnotes their numbers; returns those of footnotes without a name.
    fn number_footnotes(&mut self) -> Vec<String> {
        let mut labels = Vec::new();
        let mut number = 1_u32;
        for footnote in self.doc.targets.auto_footnotes.clone() {
            while self.doc.targets.name_ids.contains_key(&number.to_string()) {
                number += 1;
            }
            let label = number.to_string();
            number += 1;
            self.label_note(footnote, &label);
            for name in self.doc.names(footnote).to_vec() {
                for reference in self.footnote_references_to(&name) {
                    self.doc.add_text(reference, &label);
                    self.link_note(footnote, reference);
                    self.note_refid(reference);
                }
            }
            if self.doc.names(footnote).is_empty() && self.doc.list(footnote, "dupnames").is_empty() {
                self.doc.push(footnote, "names", label.as_str());
                self.doc.note_explicit_target(footnote, Some(footnote));
                labels.push(label);
            }
        }
        labels
    }

    fn label_note(&mut self, footnote: NodeId, text: &str) {
        let label = self.doc.create(Kind::Label);
        self.doc.add_text(label, text);
        self.doc.prepend(footnote, label);
    }

    /// Links a note and a reference both ways.
    fn link_note(&mut self, note: NodeId, reference: NodeId) {
        let (Some(id), Some(back)) = (self.doc.ids(note).first().cloned(), self.doc.ids(reference).first().cloned())
        else {
            return;
        };
        self.lead_to_id(reference, &id);
        self.doc.push(note, "backrefs", back);
    }

    fn number_references(&mut self, labels: &[String]) {
        let mut next = labels.iter();
        let references = self.doc.targets.auto_footnote_references.clone();
        for (i, &reference) in references.iter().enumerate() {
            if self.is_resolved(reference) || self.doc.has(reference, "refid") {
                continue;
            }
            let Some(label) = next.next() else {
                let (count, s) = (labels.len(), if labels.len() > 1 { "s" } else { "" });
                let text = format!(
                    "Too many autonumbered footnote references: only {count} corresponding footnote{s} available."
                );
                return self.refuse_notes(&text, &references[i..], "refname");
            };
            self.doc.add_text(reference, label);
            let footnote = self.doc.targets.name_ids.get(label).and_then(|id| self.doc.targets.ids.get(id)).copied();
            if let Some(footnote) = footnote {
                self.link_note(footnote, reference);
                self.note_refid(reference);
            }
        }
    }

    fn refuse_notes(&mut self, text: &str, references: &[NodeId], except: &str) {
        let Some(&first) = references.first() else { return };
        let message = self.doc.report_at(Level::Error, text, first);
        let id = self.doc.set_id(message, None);
        for &reference in references {
            if !self.is_resolved(reference) && !self.doc.has(reference, except) {
                self.replace_by_problematic(reference, message, &id);
            }
        }
    }

    fn symbolize_footnotes(&mut self) {
        let footnotes = self.doc.targets.symbol_footnotes.clone();
        let mut labels = Vec::new();
        for (i, &footnote) in footnotes.iter().enumerate() {
            let label = SYMBOLS[i % SYMBOLS.len()].repeat(i / SYMBOLS.len() + 1);
            self.label_note(footnote, &label);
            labels.push(label);
            self.doc.set_id(footnote, None);
        }
        let references = self.doc.targets.symbol_footnote_references.clone();
        for (i, &reference) in references.iter().enumerate() {
            let (Some(label), Some(&footnote)) = (labels.get(i), footnotes.get(i)) else {
                let text = format!(
                    "Too many symbol footnote references: only {} corresponding footnotes available.",
                    labels.len()
                );
                return self.refuse_notes(&text, &references[i..], "refid");
            };
            self.doc.add_text(reference, label);
            self.link_note(footnote, reference);
            self.note_refid(reference);
        }
    }

    fn resolve_notes(&mut self, note: NodeId, references: Vec<NodeId>) {
        for reference in references {
            if !self.is_resolved(reference) {
                self.link_note(note, reference);
            }
        }
        self.set_resolved(note);
    }
}
