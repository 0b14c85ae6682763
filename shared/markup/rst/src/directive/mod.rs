//! Directives of docutils ("reStructuredText Directives"): the register, and what all directives share.

mod admonition;
mod block_quote;
mod class;
mod code;
mod compound;
mod container;
mod contents;
mod csv_table;
mod date;
mod default_role;
mod figure;
mod header_footer;
mod image;
pub(crate) mod include;
mod line_block;
mod list_table;
mod math;
mod meta;
mod option;
mod parsed_literal;
mod pending;
mod raw;
mod replace;
mod role;
mod rubric;
mod sectnum;
mod sidebar;
mod table;
mod target_notes;
mod test_directive;
mod title;
mod topic;
mod unicode;

pub(crate) use option::{Kind as OptionKind, Value};

use crate::doctree::names::normalize;
use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{Line, Place};
use crate::options::{Dialect, Profile};
use crate::parser::{Body, Parser};

/// The shape of a directive and what it does.
pub(crate) struct Spec {
    pub required: usize,
    pub optional: usize,
    /// The last argument may contain white space.
    pub last_with_space: bool,
    /// Known options; the name `*` stands for any.
    pub options: &'static [(&'static str, OptionKind)],
    pub content: bool,
    /// Allowed in text that strangers write.
    pub restricted: bool,
    pub run: Run,
}

pub(crate) type Run = for<'p, 'a, 'b> fn(&'p mut Parser<'a>, &'p mut Call<'a, 'b>) -> Result<Vec<NodeId>, Fault>;

/// A fault of a directive: it takes the place of the directive, with its source.
#[derive(Debug)]
pub(crate) struct Fault {
    pub level: Level,
    pub text: String,
}

impl Fault {
    pub fn error(text: impl Into<String>) -> Fault {
        Fault { level: Level::Error, text: text.into() }
    }

    pub fn warning(text: impl Into<String>) -> Fault {
        Fault { level: Level::Warning, text: text.into() }
    }
}

/// The options that most directives have ("Common Options").
pub(crate) const NAMED: &[(&str, OptionKind)] = &[("class", OptionKind::Class), ("name", OptionKind::Text)];

/// The outcome of looking for a directive.
pub(crate) enum Found {
    Directive(&'static Spec),
    Unknown,
}

/// One use of a directive.
pub(crate) struct Call<'a, 'b> {
    pub name: String,
    pub arguments: Vec<String>,
    pub options: Vec<(String, Value)>,
    pub content: Vec<Line<'a>>,
    pub content_place: Place,
    pub place: Place,
    /// The whole source of the directive.
    pub source: String,
    /// Where its last line stands.
    pub last: Place,
    pub body: &'b mut Body,
    /// The definition that it stands in.
    pub substitution: Option<NodeId>,
    /// Lines to be read after the directive.
    pub insert: Vec<Line<'a>>,
}

impl Call<'_, '_> {
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(known, _)| known == name)
    }

    pub fn option(&self, name: &str) -> Option<&Value> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text of a text option.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.option(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of a number option.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.option(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// The classes given by a class option.
    pub fn classes(&self, name: &str) -> Vec<String> {
        match self.option(name) {
            Some(Value::List(classes)) => classes.clone(),
            _ => Vec::new(),
        }
    }

    /// Refuses a directive without content.
    pub fn need_content(&self) -> Result<(), Fault> {
        match self.content.is_empty() {
            true => {
                Err(Fault::error(format!("Content block expected for the \"{}\" directive; none found.", self.name)))
            }
            false => Ok(()),
        }
    }

    /// The substitution definition around the directive; refuses one that stands elsewhere.
    pub fn definition(&self) -> Result<NodeId, Fault> {
        self.substitution.ok_or_else(|| {
            Fault::error(format!(
                "Invalid context: the \"{}\" directive can only be used within a substitution definition.",
                self.name
            ))
        })
    }
}

impl<'a> Parser<'a> {
    /// Gives a node the name of the `name` option.
    pub(crate) fn add_name(&mut self, call: &Call<'a, '_>, node: NodeId) {
        if let Some(name) = call.text("name") {
            let name = normalize(name);
            self.doc.push(node, "names", name);
            self.doc.note_explicit_target(node, Some(node));
        }
    }

    /// Gives a node the classes of the `class` option.
    pub(crate) fn add_classes(&mut self, call: &Call<'a, '_>, node: NodeId) {
        for class in call.classes("class") {
            self.doc.push(node, "classes", class);
        }
    }

    /// Parses a directive's content into a node.
    pub(crate) fn content(&mut self, call: &mut Call<'a, '_>, node: NodeId) {
        let content = std::mem::take(&mut call.content);
        self.nested(content, call.content_place, node);
    }
}

/// An element with the options `class` and `name`.
fn open<'a>(parser: &mut Parser<'a>, call: &Call<'a, '_>, kind: Kind) -> NodeId {
    let node = parser.create_at(kind, call.place);
    parser.add_classes(call, node);
    parser.add_name(call, node);
    node
}

/// A directive by its name in lower case.
pub(crate) fn find(name: &str, parser: &Parser<'_>) -> Option<&'static Spec> {
    let sphinx = (parser.options.dialect == Dialect::Sphinx).then(|| crate::sphinx::directive(name, parser)).flatten();
    let spec = sphinx.or_else(|| docutils(name))?;
    (spec.restricted || parser.options.profile == Profile::Full).then_some(spec)
}

fn docutils(name: &str) -> Option<&'static Spec> {
    Some(match name {
        "attention" | "caution" | "danger" | "error" | "hint" | "important" | "note" | "tip" | "warning" => {
            &admonition::SPECIFIC
        }
        "admonition" => &admonition::GENERIC,
        "sidebar" => &sidebar::SIDEBAR,
        "topic" => &topic::TOPIC,
        "line-block" => &line_block::LINE_BLOCK,
        "parsed-literal" => &parsed_literal::PARSED_LITERAL,
        "code" | "code-block" | "sourcecode" => &code::CODE,
        "math" => &math::MATH,
        "rubric" => &rubric::RUBRIC,
        "epigraph" | "highlights" | "pull-quote" => &block_quote::BLOCK_QUOTE,
        "compound" => &compound::COMPOUND,
        "container" => &container::CONTAINER,
        "table" => &table::TABLE,
        "csv-table" => &csv_table::CSV_TABLE,
        "list-table" => &list_table::LIST_TABLE,
        "meta" => &meta::META,
        "image" => &image::IMAGE,
        "figure" => &figure::FIGURE,
        "include" => &include::INCLUDE,
        "raw" => &raw::RAW,
        "replace" => &replace::REPLACE,
        "unicode" => &unicode::UNICODE,
        "date" => &date::DATE,
        "class" | "rst-class" => &class::CLASS,
        "role" => &role::ROLE,
        "default-role" => &default_role::DEFAULT_ROLE,
        "title" => &title::TITLE,
        "contents" => &contents::CONTENTS,
        "sectnum" | "section-numbering" => &sectnum::SECTNUM,
        "header" => &header_footer::HEADER,
        "footer" => &header_footer::FOOTER,
        "target-notes" => &target_notes::TARGET_NOTES,
        "restructuredtext-test-directive" => &test_directive::TEST,
        _ => return None,
    })
}
