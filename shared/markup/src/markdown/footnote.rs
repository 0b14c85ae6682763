//! Footnotes: numbered in the order of their first mention, gathered at the end.

use rst::{Kind, Level, NodeId};

use super::builder::{Builder, Frame, Opened};

/// A footnote that was defined or mentioned.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    pub definition: Option<NodeId>,
    pub references: Vec<NodeId>,
}

/// Mentions of one footnote that get a way back.
const MOST_BACKREFS: usize = 100;

impl Builder<'_> {
    pub(super) fn start_footnote(&mut self, label: &str) {
        self.close_implied();
        let node = self.doc.create(Kind::Footnote);
        self.doc.set_line(node, self.line());
        self.stack.push(Frame { node, opened: Opened::Event });
        let note = self.notes.entry(label.to_owned()).or_default();
        if note.definition.is_none() {
            note.definition = Some(node);
        } else {
            self.warn(
                Level::Warning,
                &format!("The footnote \"{label}\" is defined twice; the first definition holds."),
            );
        }
    }

    pub(super) fn footnote_reference(&mut self, label: &str) {
        self.flush();
        self.want_inline();
        let node = self.add(Kind::FootnoteReference);
        let note = self.notes.entry(label.to_owned()).or_default();
        if note.references.is_empty() {
            self.note_order.push(label.to_owned());
        }
        note.references.push(node);
    }

    /// Numbers the footnotes and puts them at the end of the document; those that nobody mentions are left out.
    pub(super) fn end_footnotes(&mut self) {
        let root = self.doc.root();
        let mut number = 0;
        for label in std::mem::take(&mut self.note_order) {
            let Some(note) = self.notes.remove(&label) else { continue };
            let Some(definition) = note.definition else { continue };
            number += 1;
            let id = format!("footnote-{number}");
            self.doc.set(definition, "ids", vec![id.clone()]);
            let text = self.doc.create(Kind::Label);
            self.doc.add_text(text, &number.to_string());
            self.doc.prepend(definition, text);
            for (mention, nth) in note.references.into_iter().zip(1..) {
                self.doc.add_text(mention, &number.to_string());
                self.doc.set(mention, "refid", id.as_str());
                if nth <= MOST_BACKREFS {
                    let back = format!("footnote-ref-{number}-{nth}");
                    self.doc.set(mention, "ids", vec![back.clone()]);
                    self.doc.push(definition, "backrefs", back);
                }
            }
            self.doc.append(root, definition);
        }
        let mut unused: Vec<_> = self.notes.iter().filter(|(_, n)| n.references.is_empty()).collect();
        unused.sort_by_key(|(_, note)| note.definition);
        let unused: Vec<(String, Option<u32>)> =
            unused.into_iter().map(|(label, n)| (label.clone(), n.definition.and_then(|d| self.doc.line(d)))).collect();
        for (label, line) in unused {
            self.doc.report(
                Level::Info,
                &format!("Nothing mentions the footnote \"{label}\"."),
                self.options.source,
                line,
            );
        }
    }
}
