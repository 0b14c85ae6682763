//! Entries of the index (Sphinx documentation, directive and role `index`).

use super::OPEN;
use super::role::split_explicit;
use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;
use crate::role::{Outcome, Use};

pub(super) static INDEX: Spec =
    Spec { required: 0, optional: 1, options: &[("name", OptionKind::Text)], content: false, run: index, ..OPEN };

/// The types of entries that a colon follows.
const TYPES: [&str; 6] = ["single", "pair", "triple", "see", "seealso", "double"];

fn index<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Index, call.place);
    let text = call.arguments.first().cloned().unwrap_or_default();
    let entries: Vec<_> = text.lines().flat_map(entries_of).collect();
    parser.index_entries(node, &entries);
    parser.add_name(call, node);
    Ok(vec![node])
}

/// The entries of a line, each as type and value: `pair: a; b`, or words between commas.
fn entries_of(line: &str) -> Vec<(&str, &str)> {
    let main = line.trim().trim_start_matches('!').trim_start();
    match main.split_once(':').filter(|(kind, _)| TYPES.contains(&kind.trim())) {
        Some((kind, value)) => vec![(kind.trim(), value.trim())],
        None => {
            main.split(',').map(str::trim).filter(|value| !value.is_empty()).map(|value| ("single", value)).collect()
        }
    }
}

impl<'a> Parser<'a> {
    /// `:index:`: an entry, and its words in the text. Without a target of their own the words are the entry, whatever
    /// signs they contain.
    pub(super) fn index_role(&mut self, using: &Use<'_>) -> Outcome {
        let (words, target) = split_explicit(using.text);
        let plain = target.strip_prefix('!').unwrap_or(&target).trim();
        let entries = match &words {
            Some(_) => entries_of(&target),
            None => vec![("single", plain)],
        };
        let node = self.doc.create(Kind::Index);
        self.index_entries(node, &entries);
        let text = self.doc.create_text(words.as_deref().unwrap_or(plain));
        (vec![node, text], Vec::new())
    }

    /// Gives an index node its identifier and its entries: type, value and identifier, separated by NUL.
    fn index_entries(&mut self, node: NodeId, entries: &[(&str, &str)]) {
        let id = format!("index-{}", self.sphinx.indexed);
        self.sphinx.indexed += 1;
        let entries: Vec<String> = entries.iter().map(|(kind, value)| format!("{kind}\0{value}\0{id}")).collect();
        self.doc.set(node, "entries", entries);
        self.doc.push(node, "ids", id);
        self.doc.set_id(node, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_entries() {
        assert_eq!(entries_of("pair: a; b"), [("pair", "a; b")]);
        assert_eq!(entries_of("! a, b:c"), [("single", "a"), ("single", "b:c")]);
        assert!(entries_of(" ").is_empty());
    }
}
