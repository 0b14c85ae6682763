//! Emphasis (reStructuredText specification, "Emphasis").

use super::delimited::End;
use super::{Found, Scan};
use crate::doctree::Kind;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn emphasis(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        self.simple_markup(scan, i, "*".len(), End::Emphasis, Kind::Emphasis)
    }
}
