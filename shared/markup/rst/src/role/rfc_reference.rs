//! The `rfc-reference` role ("reStructuredText Interpreted Text Roles", section ":rfc-reference:").

use super::{Outcome, Role, Use};
use crate::doctree::Level;
use crate::inline::rfc_uri;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn rfc_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        let shown = Self::shown(using);
        let (digits, section) = shown.split_once('#').map_or((shown.as_str(), None), |(a, b)| (a, Some(b)));
        let Some(number) = digits.trim().parse::<u32>().ok().filter(|n| *n >= 1) else {
            let text =
                format!("RFC number must be a number greater than or equal to 1; \"{}\" is invalid.", using.text);
            return self.refuse_role(using, Level::Error, &text);
        };
        let uri = section.map_or_else(|| rfc_uri(number), |section| format!("{}#{section}", rfc_uri(number)));
        self.uri_reference(role, &format!("RFC {number}"), uri)
    }
}
