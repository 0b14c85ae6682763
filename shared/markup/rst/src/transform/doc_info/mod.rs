//! A field list at the top becomes the bibliography of the document ("Docutils Transforms", frontmatter.DocInfo).

mod authors;
mod rcs_keywords;

use super::Work;
use super::doc_title::is_before_bibliography;
use crate::doctree::names::{make_id, normalize};
use crate::doctree::{Kind, Level, NodeId};

/// The element of a field name.
fn element(name: &str) -> Option<Kind> {
    Some(match name {
        "author" => Kind::Author,
        "authors" => Kind::Authors,
        "organization" => Kind::Organization,
        "address" => Kind::Address,
        "contact" => Kind::Contact,
        "version" => Kind::Version,
        "revision" => Kind::Revision,
        "status" => Kind::Status,
        "date" => Kind::Date,
        "copyright" => Kind::Copyright,
        "dedication" | "abstract" => Kind::Topic,
        _ => return None,
    })
}

/// The parts of one field.
struct Field {
    node: NodeId,
    body: NodeId,
    /// The name as written, and normalised.
    shown: String,
    name: String,
}

impl Work<'_, '_> {
    pub(super) fn doc_info(&mut self) {
        let root = self.doc.root();
        let Some(list) = self.doc.children(root).find(|&n| !is_before_bibliography(self.doc.kind(n))) else { return };
        if self.doc.kind(list) != Kind::FieldList {
            return;
        }
        let info = self.doc.create(Kind::Docinfo);
        let (mut dedication, mut abstract_) = (None, None);
        for node in self.doc.children(list).collect::<Vec<_>>() {
            let (Some(name), Some(body)) = (self.doc.first_child(node), self.doc.last_child(node)) else { continue };
            let shown = self.doc.first_child(name).map(|text| self.doc.text_of(text)).unwrap_or_default();
            let field = Field { node, body, name: normalize(&shown), shown };
            let topic = match field.name.as_str() {
                "dedication" => Some(&mut dedication),
                "abstract" => Some(&mut abstract_),
                _ => None,
            };
            let taken = match topic {
                Some(topic) => self.take_topic(&field, topic),
                None => self.take_field(&field, info),
            };
            if !taken {
                self.keep_field(&field, info);
            }
        }
        let before = |kind: Kind| kind.is_titular() || kind == Kind::Decoration;
        self.doc.detach(list);
        let after = self.doc.children(root).find(|&n| !before(self.doc.kind(n)));
        let info = self.doc.has_children(info).then_some(info);
        for node in info.into_iter().chain(dedication).chain(abstract_) {
            match after {
                Some(next) => self.doc.insert_before(next, node),
                None => self.doc.append(root, node),
            }
        }
    }

    fn is_empty_field(&mut self, field: &Field) -> bool {
        if self.doc.has_children(field.body) {
            return false;
        }
        let text = format!("Cannot extract empty bibliographic field \"{}\".", field.shown);
        self.warn_field(field, &text);
        true
    }

    fn warn_field(&mut self, field: &Field, text: &str) {
        let message = self.doc.report_at(Level::Warning, text, field.node);
        self.doc.append(field.body, message);
    }

    /// Makes a topic of a dedication or an abstract.
    fn take_topic(&mut self, field: &Field, topic: &mut Option<NodeId>) -> bool {
        if self.is_empty_field(field) {
            return false;
        }
        if topic.is_some() {
            let text = format!("There can only be one \"{}\" field.", field.shown);
            self.warn_field(field, &text);
            return false;
        }
        let node = self.doc.create(Kind::Topic);
        self.doc.push(node, "classes", field.name.as_str());
        let title = if field.name == "abstract" { "Abstract" } else { "Dedication" };
        self.doc.add_with_text(node, Kind::Title, title);
        self.doc.move_children(field.body, node);
        *topic = Some(node);
        true
    }

    /// Makes a bibliographic element of a field; false when it must stay a field.
    fn take_field(&mut self, field: &Field, info: NodeId) -> bool {
        let Some(kind) = element(&field.name) else { return false };
        if self.is_empty_field(field) {
            return false;
        }
        if kind == Kind::Authors {
            return self.take_authors(field, info);
        }
        let Some(paragraph) = self.only_paragraph(field) else { return false };
        self.clean_keywords(paragraph);
        let node = self.doc.add(info, kind);
        if kind == Kind::Address {
            self.doc.set(node, "xml:space", "preserve");
        }
        self.doc.move_children(paragraph, node);
        true
    }

    /// The only paragraph of a field. A name that begins with an initial was read as a list: it is read again.
    fn only_paragraph(&mut self, field: &Field) -> Option<NodeId> {
        let first = self.doc.first_child(field.body)?;
        let alone = self.doc.next_sibling(first).is_none();
        if alone && self.doc.kind(first) == Kind::Paragraph {
            return Some(first);
        }
        let source = self.doc.raw_source(field.body).to_owned();
        if self.doc.kind(first) == Kind::EnumeratedList && !source.is_empty() {
            let other = crate::parse_only(&format!("\\{source}"), self.options);
            let read = other.first_child(other.root())?;
            if other.kind(read) == Kind::Paragraph && other.next_sibling(read).is_none() {
                return Some(self.doc.import(&other, read));
            }
        }
        let mut content: Vec<String> = self
            .doc
            .children(field.body)
            .filter(|&n| self.doc.kind(n) != Kind::SystemMessage)
            .map(|n| format!("<{}>", self.doc.kind(n).name()))
            .collect();
        let content = match content.len() {
            1 => format!("a {}", content.remove(0)),
            _ => format!("[{}]", content.join(", ")),
        };
        let text =
            format!("Bibliographic field \"{}\"\nmust contain a single <paragraph>, not {content}.", field.shown);
        self.warn_field(field, &text);
        None
    }

    fn keep_field(&mut self, field: &Field, info: NodeId) {
        if let Some(paragraph) = self.doc.first_child(field.body)
            && self.doc.kind(paragraph) == Kind::Paragraph
            && self.doc.next_sibling(paragraph).is_none()
        {
            self.clean_keywords(paragraph);
        }
        let class = make_id(&field.name);
        if !class.is_empty() {
            self.doc.push(field.node, "classes", class);
        }
        self.doc.append(info, field.node);
    }
}
