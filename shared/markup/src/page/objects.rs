//! What a page describes, for the index of a site and its `objects.inv`: functions, options, terms, rules, labels.

use rst::{Document, Kind, NodeId};

use super::PageTree;

/// One thing that other pages may refer to by domain and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `py`, `c`, `std` and so on.
    pub domain: String,
    /// Sphinx's name of the type: `function`, `option`, `term`, `label`.
    pub kind: String,
    /// The full name: `os.path.join`, `-f`, `git.-f` with a program.
    pub name: String,
    /// The fragment of the address.
    pub id: String,
    /// What to show when it is not the name: the title at a label.
    pub title: Option<String>,
}

/// One entry of the general index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// `single`, `pair`, `triple`, `see`, `seealso`, `module`.
    pub kind: String,
    /// The words, parts divided by `;`.
    pub words: String,
    pub id: String,
}

impl PageTree {
    /// Everything that the page describes, in the order of the page.
    pub fn objects(&self) -> Vec<Object> {
        let doc = &self.document;
        let mut objects = Vec::new();
        for node in doc.descendants(doc.root()) {
            match doc.kind(node) {
                Kind::DescSignature => signature(doc, node, &mut objects),
                Kind::Index if doc.get(node, "objtype") == Some("module") => {
                    push(doc, node, "py", "module", doc.get(node, "fullname"), &mut objects)
                }
                Kind::Term => push(doc, node, "std", "term", doc.get(node, "fullname"), &mut objects),
                Kind::Production => push(doc, node, "std", "token", doc.get(node, "tokenname"), &mut objects),
                Kind::MathBlock => push(doc, node, "math", "equation", doc.get(node, "label"), &mut objects),
                _ => {}
            }
        }
        let labels = self.labels().into_iter().filter(|label| label.explicit);
        objects.extend(labels.map(|label| Object {
            domain: "std".to_owned(),
            kind: "label".to_owned(),
            name: label.name,
            id: label.id,
            title: label.title,
        }));
        objects
    }

    /// The entries of the general index, in the order of the page.
    pub fn index(&self) -> Vec<IndexEntry> {
        let doc = &self.document;
        let entries = doc.all(Kind::Index).into_iter().flat_map(|node| doc.list(node, "entries"));
        let parts = entries.filter_map(|entry| {
            let mut parts = entry.splitn(3, '\0');
            Some((parts.next()?, parts.next()?, parts.next()?))
        });
        parts
            .map(|(kind, words, id)| IndexEntry { kind: kind.to_owned(), words: words.to_owned(), id: id.to_owned() })
            .collect()
    }
}

fn push(doc: &Document, node: NodeId, domain: &str, kind: &str, name: Option<&str>, objects: &mut Vec<Object>) {
    let (Some(name), Some(id)) = (name, doc.ids(node).first()) else { return };
    objects.push(Object {
        domain: domain.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        id: id.clone(),
        title: None,
    });
}

/// An option has a name for each of its spellings, anything else one.
fn signature(doc: &Document, node: NodeId, objects: &mut Vec<Object>) {
    let Some(desc) = doc.parent(node) else { return };
    let (domain, kind) = (doc.get(desc, "domain").unwrap_or("std"), doc.get(desc, "objtype").unwrap_or("object"));
    let spellings = doc.list(node, "allnames");
    if spellings.is_empty() {
        return push(doc, node, domain, kind, doc.get(node, "fullname"), objects);
    }
    for (spelling, id) in spellings.iter().zip(doc.ids(node)) {
        let name =
            doc.get(node, "std:program").map_or_else(|| spelling.clone(), |program| format!("{program}.{spelling}"));
        let (domain, kind) = (domain.to_owned(), kind.to_owned());
        objects.push(Object { domain, kind, name, id: id.clone(), title: None });
    }
}
