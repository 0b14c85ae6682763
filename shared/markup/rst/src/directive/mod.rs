//! Directives of docutils ("reStructuredText Directives"): the register, and what all directives share.

mod admonition;
mod code;
mod container;
mod csv_table;
mod document;
mod image;
pub(crate) mod include;
mod list_table;
mod option;
mod parts;
mod quote;
mod raw;
mod role;
mod substitution;
mod table;
mod test_directive;
mod topic;

pub(crate) use option::{Kind as OptionKind, Value};

use crate::doctree::names::normalize;
use crate::doctree::{Level, NodeId};
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
        "sidebar" => &topic::SIDEBAR,
        "topic" => &topic::TOPIC,
        "line-block" => &quote::LINE_BLOCK,
        "parsed-literal" => &code::PARSED_LITERAL,
        "code" | "code-block" | "sourcecode" => &code::CODE,
        "math" => &code::MATH,
        "rubric" => &topic::RUBRIC,
        "epigraph" | "highlights" | "pull-quote" => &quote::QUOTE,
        "compound" => &container::COMPOUND,
        "container" => &container::CONTAINER,
        "table" => &table::TABLE,
        "csv-table" => &csv_table::CSV_TABLE,
        "list-table" => &list_table::LIST_TABLE,
        "meta" => &document::META,
        "image" => &image::IMAGE,
        "figure" => &image::FIGURE,
        "include" => &include::INCLUDE,
        "raw" => &raw::RAW,
        "replace" => &substitution::REPLACE,
        "unicode" => &substitution::UNICODE,
        "date" => &substitution::DATE,
        "class" | "rst-class" => &container::CLASS,
        "role" => &role::ROLE,
        "default-role" => &role::DEFAULT_ROLE,
        "title" => &document::TITLE,
        "contents" => &parts::CONTENTS,
        "sectnum" | "section-numbering" => &parts::SECTNUM,
        "header" => &parts::HEADER,
        "footer" => &parts::FOOTER,
        "target-notes" => &parts::TARGET_NOTES,
        "restructuredtext-test-directive" => &test_directive::TEST,
        _ => return None,
    })
}
