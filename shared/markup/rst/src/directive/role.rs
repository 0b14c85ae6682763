//! Roles made by the document ("reStructuredText Directives", section "Custom Interpreted Text Roles").

use super::option::class_names;
use super::{Call, Fault, Spec, Value};
use crate::doctree::{Level, NodeId};
use crate::inline::simple_name;
use crate::parser::Parser;
use crate::role::{Base, Role};
use std::rc::Rc;

pub(super) static ROLE: Spec =
    Spec { required: 0, optional: 0, last_with_space: false, options: &[], content: true, restricted: true, run: role };

/// The parts of `name` or `name(base)`.
fn names(text: &str) -> Option<(&str, Option<&str>)> {
    let length = simple_name(text)?;
    let (name, rest) = (&text[..length], text[length..].trim());
    if rest.is_empty() {
        return Some((name, None));
    }
    let base = rest.strip_prefix('(')?.strip_suffix(')')?.trim();
    (simple_name(base) == Some(base.len())).then_some((name, Some(base)))
}

fn role<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let first = call.content.first().copied().filter(|_| call.content_place.same_line(call.place));
    let Some(first) = first else {
        return Err(Fault::error(format!("\"{}\" directive requires arguments on the first line.", call.name)));
    };
    let Some((name, base)) = names(first.text) else {
        let text = format!("\"{}\" directive arguments not valid role names: \"{}\".", call.name, first.text);
        return Err(Fault::error(text));
    };
    let mut nodes = Vec::new();
    let base = match base {
        None => Rc::new(Role::of(Base::Inline)),
        Some(base) => {
            let (found, messages) = parser.find_role(base, call.place);
            nodes = messages;
            let Some(found) = found else {
                let text = format!("Unknown interpreted text role \"{base}\".");
                nodes.push(parser.report_with(Level::Error, &text, call.place, &call.source));
                return Ok(nodes);
            };
            found
        }
    };
    let rest = call.content.split_off(1);
    let place = rest.first().map_or(call.place, |line| line.place);
    let parsed = parser.parse_directive_block(rest, place, base.spec(), Vec::new());
    let mut options = match parsed {
        Ok(parts) => parts.options,
        Err(fault) => {
            let text = format!("Error in \"{}\" directive:\n{fault}.", call.name);
            nodes.push(parser.report_with(Level::Error, &text, call.place, &call.source));
            return Ok(nodes);
        }
    };
    if !options.iter().any(|(known, _)| known == "class") {
        match class_names(name) {
            Ok(classes) => options.push(("class".to_owned(), Value::List(classes))),
            Err(fault) => {
                let text = format!("Invalid argument for \"{}\" directive:\n{fault}.", call.name);
                nodes.push(parser.report_with(Level::Error, &text, call.place, &call.source));
                return Ok(nodes);
            }
        }
    }
    parser.roles.insert(name.to_lowercase(), Rc::new(base.derive(options)));
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_name_a_role_and_its_base() {
        for (text, expected) in [
            ("a", Some(("a", None))),
            ("a(b)", Some(("a", Some("b")))),
            ("a ( b )", Some(("a", Some("b")))),
            ("a b", None),
            ("a(", None),
            ("*", None),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }
}
