//! The dialect of Sphinx.

use crate::directive::Spec;
use crate::parser::Parser;
use crate::role::{Outcome, Role as Custom, Use};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Xref,
}

#[derive(Debug, Default)]
pub(crate) struct State {}

pub(crate) fn directive(_name: &str, _parser: &Parser<'_>) -> Option<&'static Spec> {
    None
}

pub(crate) fn role(_name: &str, _parser: &Parser<'_>) -> Option<Role> {
    None
}

impl<'a> Parser<'a> {
    pub(crate) fn sphinx_role(&mut self, _role: Role, _custom: &Custom, _using: &Use<'_>) -> Outcome {
        (Vec::new(), Vec::new())
    }
}
