//! The `pep-reference` role ("reStructuredText Interpreted Text Roles", section ":pep-reference:").

use super::{Outcome, Role, Use};
use crate::doctree::Level;
use crate::inline::pep_uri;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn pep_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        let shown = Self::shown(using);
        let Some(number) = shown.trim().parse::<u32>().ok().filter(|n| *n <= 9999) else {
            let text = format!("PEP number must be a number from 0 to 9999; \"{}\" is invalid.", using.text);
            return self.refuse_role(using, Level::Error, &text);
        };
        self.uri_reference(role, &format!("PEP {shown}"), pep_uri(number))
    }
}
