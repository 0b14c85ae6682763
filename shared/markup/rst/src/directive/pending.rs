//! Plans of what transforms do later, as some directives leave them (doctree reference, "pending").

use super::{Call, Value};
use crate::doctree::{Detail, Kind, NodeId, Pending};
use crate::parser::Parser;

/// The options as details of a plan.
fn details(call: &Call<'_, '_>) -> Vec<(&'static str, Detail)> {
    const NAMES: [&str; 7] = ["depth", "local", "backlinks", "class", "start", "prefix", "suffix"];
    let known = |name: &str| NAMES.into_iter().find(|n| *n == name);
    let detail = |value: &Value| match value {
        Value::Flag => Detail::None,
        Value::Text(text) => Detail::Text(text.clone()),
        Value::Int(number) => Detail::Int(*number),
        Value::List(list) => Detail::List(list.clone()),
        Value::Numbers(numbers) => Detail::List(numbers.iter().map(i64::to_string).collect()),
    };
    call.options.iter().filter_map(|(name, value)| Some((known(name)?, detail(value)))).collect()
}

impl<'a> Parser<'a> {
    /// A `pending` element with the options of the directive as its plan for a transform.
    pub(super) fn pending(&mut self, call: &Call<'a, '_>, transform: &'static str) -> NodeId {
        let node = self.create_at(Kind::Pending, call.place);
        self.doc.set_pending(node, Pending { transform, details: details(call) });
        node
    }
}
