//! Entries of the index (Sphinx documentation, directive and role `index`).

use super::OPEN;
use super::role::split_explicit;
use crate::directive::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;
use crate::role::{Outcome, Use};

pub(super) static INDEX: Spec =
    Spec { required: 0, optional: 1, options: &[("name", OptionKind::Text)], content: false, run: index, ..OPEN };

fn index<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let node = parser.create_at(Kind::Index, call.place);
    let text = call.arguments.first().cloned().unwrap_or_default();
    index_entries(parser, node, text.lines());
    parser.add_name(call, node);
    Ok(vec![node])
}

/// Gives an index node its identifier and its entries: type, value and identifier, separated by NUL.
fn index_entries<'t>(parser: &mut Parser<'_>, node: NodeId, lines: impl Iterator<Item = &'t str>) {
    let id = format!("index-{}", parser.sphinx.indexed);
    parser.sphinx.indexed += 1;
    const TYPES: [&str; 6] = ["single", "pair", "triple", "see", "seealso", "double"];
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        let main = line.strip_prefix('!').map_or(line, str::trim_start);
        let typed = main.split_once(':').filter(|(kind, _)| TYPES.contains(&kind.trim()));
        match typed {
            Some((kind, value)) => parser.doc.push(node, "entries", format!("{}\0{}\0{id}", kind.trim(), value.trim())),
            None => {
                for value in main.split(',').map(str::trim).filter(|value| !value.is_empty()) {
                    parser.doc.push(node, "entries", format!("single\0{value}\0{id}"));
                }
            }
        }
    }
    parser.doc.push(node, "ids", id);
    parser.doc.set_id(node, None);
}

impl<'a> Parser<'a> {
    /// `:index:`: an entry, and its words in the text.
    pub(super) fn index_role(&mut self, using: &Use<'_>) -> Outcome {
        let (words, entry) = split_explicit(using.text);
        let node = self.doc.create(Kind::Index);
        index_entries(self, node, std::iter::once(entry.as_str()));
        let plain = entry.trim_start_matches('!').trim();
        let plain = plain.split_once(':').map_or(plain, |(_, rest)| rest.trim());
        let text = self.doc.create_text(words.as_deref().unwrap_or(plain));
        (vec![node, text], Vec::new())
    }
}
