//! The `code` role ("reStructuredText Interpreted Text Roles", section ":code:").

use super::{Outcome, Role, Use};
use crate::doctree::Kind;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn code_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        let named = if using.role == "code" { "" } else { using.role };
        let language = role.text("language").unwrap_or(named);
        let language = if language.eq_ignore_ascii_case("none") { "" } else { language };
        let node = self.doc.create(Kind::Literal);
        self.doc.push(node, "classes", "code");
        for class in role.class_list() {
            self.doc.push(node, "classes", class.clone());
        }
        if !language.is_empty() && !self.doc.has_class(node, language) {
            self.doc.push(node, "classes", language);
        }
        self.doc.add_text(node, using.text);
        (vec![node], Vec::new())
    }
}
