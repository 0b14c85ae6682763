//! The dialect of Sphinx: its roles become references that a site resolves, its directives nodes of their own
//! (Sphinx documentation, "Roles", "Directives", "Domains").

mod code;
mod doctest;
mod glossary;
mod graph;
mod literal_include;
mod math;
mod misc;
mod object;
mod production;
mod role;
mod signature;
mod toctree;
mod version;
mod xref;

pub(crate) use role::Role;

use crate::directive::{OptionKind, Spec};
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

/// A directive of the dialect by its name in lower case.
pub(crate) fn directive(name: &str, parser: &Parser<'_>) -> Option<&'static Spec> {
    Some(match name {
        "toctree" => &toctree::TOCTREE,
        "code-block" | "sourcecode" | "code" => &code::CODE_BLOCK,
        "highlight" | "highlightlang" => &code::HIGHLIGHT,
        "literalinclude" => &literal_include::LITERAL_INCLUDE,
        "versionadded" | "versionchanged" | "deprecated" | "versionremoved" => &version::VERSION,
        "version-added" | "version-changed" | "version-deprecated" | "version-removed" => &version::VERSION,
        "doctest" => &doctest::DOCTEST,
        "testcode" | "testoutput" => &doctest::CODE,
        "testsetup" | "testcleanup" => &doctest::HIDDEN,
        "seealso" => &misc::SEEALSO,
        "todo" => &misc::TODO,
        "only" => &misc::ONLY,
        "index" => &misc::INDEX,
        "centered" => &misc::CENTERED,
        "hlist" => &misc::HLIST,
        "acks" => &misc::ACKS,
        "tabularcolumns" | "sectionauthor" | "codeauthor" | "moduleauthor" => &misc::UNSEEN,
        "default-domain" => &misc::DEFAULT_DOMAIN,
        "glossary" => &glossary::GLOSSARY,
        "productionlist" => &production::PRODUCTION_LIST,
        "graphviz" => &graph::GRAPHVIZ,
        "digraph" | "graph" => &graph::GRAPH,
        "math" => &math::MATH,
        "program" => &object::PROGRAM,
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
        | "inheritance-diagram" => &misc::AUTODOC,
        _ => return object::directive(name, parser.sphinx.domain()),
    })
}

/// A role of the dialect by its name in lower case.
pub(crate) fn role(name: &str, parser: &Parser<'_>) -> Option<Role> {
    role::find(name, parser.sphinx.domain(), parser.options.roles)
}
