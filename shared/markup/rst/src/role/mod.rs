//! Roles of interpreted text ("reStructuredText Interpreted Text Roles"): the register, the roles that are an element
//! around their text, and what all roles share.

mod code;
mod math;
mod pep_reference;
mod raw;
mod rfc_reference;

use std::rc::Rc;

use crate::directive::{OptionKind, Spec, Value};
use crate::doctree::{Kind, Level, NodeId};
use crate::inline::unescape;
use crate::lines::Place;
use crate::options::Dialect;
use crate::parser::Parser;

/// What a role does, before the document changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Inline,
    Element(Kind),
    Pep,
    Rfc,
    Raw,
    Code,
    Math,
    Unimplemented,
    Sphinx(crate::sphinx::Role),
}

/// A role with the options that the document gave it.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub base: Base,
    pub options: Vec<(String, Value)>,
}

/// One use of a role.
pub(crate) struct Use<'t> {
    pub role: &'t str,
    /// The whole source, and the text between the backquotes with its escapes.
    pub raw: &'t str,
    pub text: &'t str,
    pub place: Place,
}

/// What a use of a role yields: its nodes and messages.
pub(crate) type Outcome = (Vec<NodeId>, Vec<NodeId>);

impl Role {
    pub fn of(base: Base) -> Role {
        Role { base, options: Vec::new() }
    }

    /// The options that a role made from this one may set.
    pub fn spec(&self) -> &'static Spec {
        const CLASS: &[(&str, OptionKind)] = &[("class", OptionKind::Class)];
        static PLAIN: Spec = Spec {
            required: 0,
            optional: 0,
            last_with_space: false,
            options: CLASS,
            content: false,
            restricted: true,
            run: |_, _| Ok(Vec::new()),
        };
        static RAW: Spec = Spec { options: &[("format", OptionKind::Text), ("class", OptionKind::Class)], ..PLAIN };
        static CODE: Spec = Spec { options: &[("language", OptionKind::Text), ("class", OptionKind::Class)], ..PLAIN };
        match self.base {
            Base::Raw => &RAW,
            Base::Code => &CODE,
            _ => &PLAIN,
        }
    }

    /// The same role with more options; new ones take the place of old ones.
    pub fn derive(&self, options: Vec<(String, Value)>) -> Role {
        let mut all = self.options.clone();
        all.retain(|(name, _)| !options.iter().any(|(new, _)| new == name));
        all.extend(options);
        Role { base: self.base, options: all }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.options.iter().find_map(|(known, value)| match value {
            Value::Text(text) if known == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The classes that the document gave the role.
    pub fn class_list(&self) -> &[String] {
        let found = self.options.iter().find(|(known, _)| known == "class");
        if let Some((_, Value::List(classes))) = found { classes } else { &[] }
    }
}

/// The role of a name in lower case, in plain docutils.
fn docutils(name: &str) -> Option<Base> {
    Some(match name {
        "abbreviation" | "ab" => Base::Element(Kind::Abbreviation),
        "acronym" | "ac" => Base::Element(Kind::Acronym),
        "emphasis" => Base::Element(Kind::Emphasis),
        "literal" => Base::Element(Kind::Literal),
        "strong" => Base::Element(Kind::Strong),
        "subscript" | "sub" => Base::Element(Kind::Subscript),
        "superscript" | "sup" => Base::Element(Kind::Superscript),
        "title-reference" | "title" | "t" => Base::Element(Kind::TitleReference),
        "code" => Base::Code,
        "math" => Base::Math,
        "pep-reference" | "pep" => Base::Pep,
        "rfc-reference" | "rfc" => Base::Rfc,
        "raw" => Base::Raw,
        "index"
        | "i"
        | "anonymous-reference"
        | "citation-reference"
        | "footnote-reference"
        | "named-reference"
        | "substitution-reference"
        | "uri-reference"
        | "uri"
        | "url"
        | "target"
        | "restructuredtext-unimplemented-role" => Base::Unimplemented,
        _ => return None,
    })
}

impl<'a> Parser<'a> {
    /// The role of a name, and messages about the search.
    pub(crate) fn find_role(&mut self, name: &str, place: Place) -> (Option<Rc<Role>>, Vec<NodeId>) {
        let lower = name.to_lowercase();
        if lower.is_empty() {
            let role = self.default_role.clone();
            return (Some(role.unwrap_or_else(|| Rc::new(Role::of(Base::Element(Kind::TitleReference))))), Vec::new());
        }
        if let Some(role) = self.roles.get(&lower) {
            return (Some(role.clone()), Vec::new());
        }
        let sphinx = (self.options.dialect == Dialect::Sphinx).then(|| crate::sphinx::role(&lower, self)).flatten();
        if let Some(base) = sphinx.map(Base::Sphinx).or_else(|| docutils(&lower)) {
            let fallback = lower == "restructuredtext-unimplemented-role";
            let messages = if fallback { vec![self.no_role_entry(name, place)] } else { Vec::new() };
            let role = Rc::new(Role::of(base));
            self.roles.insert(lower, role.clone());
            return (Some(role), messages);
        }
        (None, vec![self.no_role_entry(name, place)])
    }

    fn no_role_entry(&mut self, name: &str, place: Place) -> NodeId {
        let text = format!(
            "No role entry for \"{name}\" in module \"docutils.parsers.rst.languages.en\".\nTrying \"{name}\" as canonical role name."
        );
        self.report(Level::Info, &text, place)
    }

    /// Interpreted text.
    pub(crate) fn interpreted(&mut self, role: &str, raw: &str, text: &str, place: Place) -> Outcome {
        let (found, mut messages) = self.find_role(role, place);
        let Some(found) = found else {
            let fault = format!("Unknown interpreted text role \"{role}\".");
            let message = self.report(Level::Error, &fault, place);
            messages.push(message);
            return (vec![self.problematic(raw, message)], messages);
        };
        let (nodes, more) = self.run_role(&found, &Use { role, raw, text, place });
        messages.extend(more);
        (nodes, messages)
    }

    fn run_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        match role.base {
            Base::Inline => self.element_role(role, Kind::Inline, using),
            Base::Element(kind) => self.element_role(role, kind, using),
            Base::Pep => self.pep_role(role, using),
            Base::Rfc => self.rfc_role(role, using),
            Base::Raw => self.raw_role(role, using),
            Base::Code => self.code_role(role, using),
            Base::Math => self.math_role(role, using),
            Base::Unimplemented => {
                let text = format!("Interpreted text role \"{}\" not implemented.", using.role);
                self.refuse_role(using, Level::Error, &text)
            }
            Base::Sphinx(sphinx) => self.sphinx_role(sphinx, role, using),
        }
    }

    /// An element with the classes of the role.
    pub(crate) fn role_node(&mut self, role: &Role, kind: Kind) -> NodeId {
        let node = self.doc.create(kind);
        self.doc.set(node, "classes", role.class_list().to_vec());
        node
    }

    fn element_role(&mut self, role: &Role, kind: Kind, using: &Use<'_>) -> Outcome {
        let node = self.role_node(role, kind);
        self.add_unescaped(node, using.text);
        (vec![node], Vec::new())
    }

    /// A message, and the source as it stands.
    pub(crate) fn refuse_role(&mut self, using: &Use<'_>, level: Level, text: &str) -> Outcome {
        let message = self.report(level, text, using.place);
        (vec![self.problematic(using.raw, message)], vec![message])
    }

    /// A reference to an address, as the roles for PEPs and RFCs make them.
    fn uri_reference(&mut self, role: &Role, text: &str, uri: String) -> Outcome {
        let node = self.role_node(role, Kind::Reference);
        self.doc.set(node, "refuri", uri);
        self.doc.add_text(node, text);
        (vec![node], Vec::new())
    }

    /// The text of a use without its escapes.
    pub(crate) fn shown(using: &Use<'_>) -> String {
        unescape(using.text)
    }
}
