//! The `class` directive without content acts on the next element ("Docutils Transforms", misc.ClassAttribute).

use std::collections::HashMap;

use super::Work;
use crate::doctree::{Detail, Kind, Level, NodeId};

impl Work<'_, '_> {
    pub(super) fn class_attributes(&mut self) {
        let waiting = self.pending("ClassAttribute");
        let mut receivers = HashMap::new();
        // The last first: what one found, those before it need not look for again.
        for &pending in waiting.iter().rev() {
            let receiver = self.next_visible(pending, &receivers);
            receivers.insert(pending, receiver);
        }
        for pending in waiting {
            let Some(plan) = self.doc.pending(pending).cloned() else { continue };
            match receivers.get(&pending).copied().flatten() {
                Some(element) => {
                    if let Some(Detail::List(classes)) = plan.detail("class") {
                        for class in classes {
                            self.doc.push(element, "classes", class.clone());
                        }
                    }
                    self.doc.detach(pending);
                }
                None => {
                    let name = match plan.detail("directive") {
                        Some(Detail::Text(name)) => name.as_str(),
                        _ => "class",
                    };
                    let text = format!("No suitable element following \"{name}\" directive");
                    let source = self.doc.raw_source(pending).to_owned();
                    let message = self.doc.report_at(Level::Error, &text, pending);
                    self.doc.quote_source(message, &source);
                    self.replace_whole(pending, &[message]);
                }
            }
        }
    }

    /// The next element, of this parent or one further out, that shows something.
    fn next_visible(&self, node: NodeId, known: &HashMap<NodeId, Option<NodeId>>) -> Option<NodeId> {
        let mut next = self.following(node);
        while let Some(n) = next {
            if let Some(receiver) = known.get(&n) {
                return *receiver;
            }
            let kind = self.doc.kind(n);
            if !kind.is_invisible() && kind != Kind::SystemMessage {
                return Some(n);
            }
            next = self.following(n);
        }
        None
    }
}
