//! The `pep-reference` and `rfc-reference` roles ("reStructuredText Interpreted Text Roles").

use super::{Outcome, Role, Use};
use crate::doctree::{Kind, Level};
use crate::inline::{pep_uri, rfc_uri};
use crate::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn pep_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        let shown = Self::shown(using);
        let Some(number) = shown.trim().parse::<u32>().ok().filter(|n| *n <= 9999) else {
            let text = format!("PEP number must be a number from 0 to 9999; \"{}\" is invalid.", using.text);
            return self.refuse_role(using, Level::Error, &text);
        };
        self.number_reference(role, &format!("PEP {shown}"), pep_uri(number))
    }

    pub(super) fn rfc_role(&mut self, role: &Role, using: &Use<'_>) -> Outcome {
        let shown = Self::shown(using);
        let (digits, section) = shown.split_once('#').map_or((shown.as_str(), None), |(a, b)| (a, Some(b)));
        let Some(number) = digits.trim().parse::<u32>().ok().filter(|n| *n >= 1) else {
            let text =
                format!("RFC number must be a number greater than or equal to 1; \"{}\" is invalid.", using.text);
            return self.refuse_role(using, Level::Error, &text);
        };
        let uri = section.map_or_else(|| rfc_uri(number), |section| format!("{}#{section}", rfc_uri(number)));
        self.number_reference(role, &format!("RFC {number}"), uri)
    }

    fn number_reference(&mut self, role: &Role, text: &str, uri: String) -> Outcome {
        let node = self.role_node(role, Kind::Reference);
        self.doc.set(node, "refuri", uri);
        self.doc.add_text(node, text);
        (vec![node], Vec::new())
    }
}
