//! The dialect of Sphinx: its roles become references that a site resolves, its directives nodes of their own
//! (Sphinx documentation, "Roles", "Directives", "Domains").

mod acks;
mod autodoc;
mod centered;
mod code_block;
mod default_domain;
mod doctest;
mod glossary;
mod graphviz;
mod highlight;
mod hlist;
mod index;
mod literalinclude;
mod math;
mod module;
mod object;
mod only;
mod option;
mod productionlist;
mod role;
mod seealso;
mod signature;
mod toctree;
mod todo;
mod versionadded;
mod xref;

pub(crate) use role::Role;

use crate::directive::{Call, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;

/// What the dialect remembers from one directive to the next.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The module that `module` or `currentmodule` named.
    module: Option<String>,
    /// The classes around, the innermost last.
    classes: Vec<String>,
    /// What `program` named.
    program: Option<String>,
    /// What `default-domain` named; `py` otherwise.
    domain: Option<String>,
    /// Index entries so far, for their identifiers.
    indexed: usize,
}

impl State {
    fn domain(&self) -> &str {
        self.domain.as_deref().unwrap_or("py")
    }
}

/// A directive that takes any option and needs one argument.
const OPEN: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[("*", OptionKind::Text)],
    content: true,
    restricted: true,
    run: |_, _| Ok(Vec::new()),
};

/// Directives that tell a builder something and show nothing.
static UNSEEN: Spec = Spec { options: &[], content: false, ..OPEN };

/// The bullet list that is the whole content.
fn only_list<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Option<NodeId> {
    let scratch = parser.doc.create(Kind::Container);
    parser.content(call, scratch);
    let mut children = parser.doc.children(scratch);
    children.next().filter(|&n| parser.doc.kind(n) == Kind::BulletList && children.next().is_none())
}

/// A directive of the dialect by its name in lower case.
pub(crate) fn directive(name: &str, parser: &Parser<'_>) -> Option<&'static Spec> {
    Some(match name {
        "toctree" => &toctree::TOCTREE,
        "code-block" | "sourcecode" | "code" => &code_block::CODE_BLOCK,
        "highlight" | "highlightlang" => &highlight::HIGHLIGHT,
        "literalinclude" => &literalinclude::LITERAL_INCLUDE,
        "versionadded" | "versionchanged" | "deprecated" | "versionremoved" => &versionadded::VERSION,
        "version-added" | "version-changed" | "version-deprecated" | "version-removed" => &versionadded::VERSION,
        "doctest" => &doctest::DOCTEST,
        "testcode" | "testoutput" => &doctest::CODE,
        "testsetup" | "testcleanup" => &doctest::HIDDEN,
        "seealso" => &seealso::SEEALSO,
        "todo" => &todo::TODO,
        "only" => &only::ONLY,
        "index" => &index::INDEX,
        "centered" => &centered::CENTERED,
        "hlist" => &hlist::HLIST,
        "acks" => &acks::ACKS,
        "tabularcolumns" | "sectionauthor" | "codeauthor" | "moduleauthor" => &UNSEEN,
        "default-domain" => &default_domain::DEFAULT_DOMAIN,
        "glossary" => &glossary::GLOSSARY,
        "productionlist" => &productionlist::PRODUCTION_LIST,
        "graphviz" => &graphviz::GRAPHVIZ,
        "digraph" | "graph" => &graphviz::GRAPH,
        "math" => &math::MATH,
        "program" => &option::PROGRAM,
        "automodule"
        | "autoclass"
        | "autofunction"
        | "automethod"
        | "autoattribute"
        | "autodata"
        | "autoexception"
        | "autodecorator"
        | "autoproperty"
        | "autosummary"
        | "inheritance-diagram" => &autodoc::AUTODOC,
        _ => return object::directive(name, parser.sphinx.domain()),
    })
}

/// A role of the dialect by its name in lower case.
pub(crate) fn role(name: &str, parser: &Parser<'_>) -> Option<Role> {
    role::find(name, parser.sphinx.domain(), parser.options.roles)
}
