//! The `raw` role ("reStructuredText Interpreted Text Roles", section ":raw:").

use super::{Outcome, Role, Use};
use crate::doctree::{Kind, Level};
use crate::options::Profile;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn raw_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        if !self.options.raw || self.options.profile == Profile::Restricted {
            let place = self.outer;
            let message = self.report(Level::Warning, "raw (and derived) roles disabled", place);
            return (vec![self.problematic(using.raw, message)], vec![message]);
        }
        let Some(format) = role.text("format") else {
            let text = format!(
                "No format (Writer name) is associated with this role: \"{}\".\nThe \"raw\" role cannot be used directly.\nInstead, use the \"role\" directive to create a new role with an associated format.",
                using.role
            );
            return self.refuse_role(using, Level::Error, &text);
        };
        let node = self.role_node(role, Kind::Raw);
        self.doc.set(node, "format", format);
        self.doc.set(node, "xml:space", "preserve");
        self.doc.add_text(node, using.text);
        (vec![node], Vec::new())
    }
}
