//! Characters by their codes, for a substitution ("reStructuredText Directives", section "Unicode Character Codes").

use super::option::unicode_code;
use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::NodeId;
use crate::parser::Parser;

pub(super) static UNICODE: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[("trim", OptionKind::Flag), ("ltrim", OptionKind::Flag), ("rtrim", OptionKind::Flag)],
    content: false,
    restricted: true,
    run: unicode,
};

fn unicode<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    let definition = call.definition()?;
    for (option, side) in [("ltrim", "ltrim"), ("rtrim", "rtrim"), ("trim", "ltrim"), ("trim", "rtrim")] {
        if call.has(option) {
            parser.doc.set(definition, side, 1);
        }
    }
    let text = call.arguments[0].as_str();
    let comment = ["\n.. ", " .. "].iter().filter_map(|mark| text.find(mark)).min();
    let codes = match text.starts_with(".. ") {
        true => "",
        false => &text[..comment.unwrap_or(text.len())],
    };
    let mut nodes = Vec::new();
    for code in codes.split_whitespace() {
        let char = unicode_code(code)
            .map_err(|fault| Fault::error(format!("Invalid character code: {code}\nValueError: {fault}")))?;
        nodes.push(parser.doc.create_text(&char));
    }
    Ok(nodes)
}
