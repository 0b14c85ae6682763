//! Inline literals, whose text has no markup and no escapes (reStructuredText specification, "Inline Literals").

use super::delimited::End;
use super::{Found, Scan};
use crate::doctree::Kind;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn inline_literal(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        self.simple_markup(scan, i, "``".len(), End::Literal, Kind::Literal)
    }
}
