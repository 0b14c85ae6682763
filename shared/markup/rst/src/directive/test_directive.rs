//! The directive for tests, which reports what it was given ("Restructuredtext-Test-Directive").

use super::{Call, Fault, OptionKind, Spec, Value};
use crate::doctree::{Level, NodeId};
use crate::lines;
use crate::parser::Parser;
use crate::pseudo_xml::repr;

pub(super) static TEST: Spec = Spec {
    required: 0,
    optional: 1,
    last_with_space: true,
    options: &[("option", OptionKind::Required)],
    content: true,
    restricted: true,
    run: test,
};

fn test<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let arguments: Vec<String> = call.arguments.iter().map(|text| repr(text)).collect();
    let options: Vec<String> = call
        .options
        .iter()
        .map(|(name, value)| match value {
            Value::Text(text) => format!("{}: {}", repr(name), repr(text)),
            _ => repr(name),
        })
        .collect();
    let text = format!(
        "Directive processed. Type=\"{}\", arguments=[{}], options={{{}}}, content:",
        call.name,
        arguments.join(", "),
        options.join(", ")
    );
    let message = match call.content.is_empty() {
        true => parser.report(Level::Info, &format!("{text} None"), call.place),
        false => parser.report_with(Level::Info, &text, call.place, &lines::join(&call.content)),
    };
    Ok(vec![message])
}
