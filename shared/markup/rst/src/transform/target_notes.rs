//! Footnotes that show where external references lead ("Docutils Transforms", references.TargetNotes).

use std::collections::HashMap;

use super::Work;
use crate::doctree::{Detail, Kind, NodeId};

impl Work<'_, '_> {
    pub(super) fn target_notes(&mut self) {
        for pending in self.pending("TargetNotes") {
            if !self.spend(self.doc.len()) {
                self.refuse_costly(pending, "Target notes");
                continue;
            }
            let classes = match self.doc.pending(pending).and_then(|plan| plan.detail("class")) {
                Some(Detail::List(classes)) => classes.clone(),
                _ => Vec::new(),
            };
            let mut notes: HashMap<String, String> = HashMap::new();
            let mut made = Vec::new();
            for target in self.all(Kind::Target) {
                let Some(uri) = self.doc.get(target, "refuri").map(str::to_owned) else { continue };
                let mut references = Vec::new();
                for name in self.doc.names(target).to_vec() {
                    references.extend(self.references_to(&name));
                }
                if !references.is_empty() {
                    self.note_uri(&uri, &references, &classes, &mut notes, &mut made);
                }
            }
            for reference in self.all(Kind::Reference) {
                let uri = self.doc.get(reference, "refuri").map(str::to_owned);
                if let (true, Some(uri)) = (self.doc.has(reference, "anonymous"), uri) {
                    self.note_uri(&uri, &[reference], &classes, &mut notes, &mut made);
                }
            }
            self.replace_whole(pending, &made);
        }
    }

    /// Adds a footnote reference after each reference, and the footnote when the URI has none yet.
    fn note_uri(
        &mut self,
        uri: &str,
        references: &[NodeId],
        classes: &[String],
        notes: &mut HashMap<String, String>,
        made: &mut Vec<NodeId>,
    ) {
        let name = match notes.get(uri) {
            Some(name) => name.clone(),
            None => {
                let footnote = self.doc.create(Kind::Footnote);
                let id = self.doc.set_id(footnote, None);
                let name = format!("TARGET_NOTE: {id}");
                self.doc.set(footnote, "auto", 1);
                self.doc.push(footnote, "names", name.as_str());
                let paragraph = self.doc.add(footnote, Kind::Paragraph);
                let reference = self.doc.add_with_text(paragraph, Kind::Reference, uri);
                self.doc.set(reference, "refuri", uri);
                self.doc.targets.auto_footnotes.push(footnote);
                self.doc.note_explicit_target(footnote, Some(footnote));
                notes.insert(uri.to_owned(), name.clone());
                made.push(footnote);
                name
            }
        };
        for &reference in references {
            if self.doc.kind(reference) == Kind::Target || self.doc.parent(reference).is_none() {
                continue;
            }
            let mark = self.doc.create(Kind::FootnoteReference);
            self.doc.set(mark, "refname", name.as_str());
            self.doc.set(mark, "auto", 1);
            self.doc.set(mark, "classes", classes.to_vec());
            self.doc.set_id(mark, None);
            self.doc.targets.auto_footnote_references.push(mark);
            self.doc.note_refname(mark);
            self.doc.insert_after(reference, mark);
            if !self.options.trim_footnote_space {
                let space = self.space(classes);
                self.doc.insert_before(mark, space);
            }
        }
    }

    fn space(&mut self, classes: &[String]) -> NodeId {
        if classes.is_empty() {
            return self.doc.create_text(" ");
        }
        let inline = self.doc.create(Kind::Inline);
        self.doc.set(inline, "classes", classes.to_vec());
        self.doc.add_text(inline, " ");
        inline
    }
}
