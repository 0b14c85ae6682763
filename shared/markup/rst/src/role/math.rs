//! The `math` role ("reStructuredText Interpreted Text Roles", section ":math:").

use super::{Outcome, Role, Use};
use crate::doctree::Kind;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    /// A formula, with its backslashes.
    pub(super) fn math_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        let node = self.role_node(role, Kind::Math);
        self.doc.add_text(node, using.text);
        (vec![node], Vec::new())
    }
}
