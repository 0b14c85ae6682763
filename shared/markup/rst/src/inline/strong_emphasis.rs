//! Strong emphasis (reStructuredText specification, "Strong Emphasis").

use super::delimited::End;
use super::{Found, Scan};
use crate::doctree::Kind;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn strong_emphasis(&mut self, scan: &mut Scan<'_>, i: usize) -> Found {
        self.simple_markup(scan, i, "**".len(), End::Strong, Kind::Strong)
    }
}
