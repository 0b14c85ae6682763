//! Attributes of elements ("The Docutils Document Tree", section "Attribute Reference").

use std::borrow::Cow;

use super::{Document, NodeId};

/// The name of an attribute, `refuri` for instance.
pub type Key = Cow<'static, str>;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any text: `refuri`, `alt`.
    Text(String),
    /// A number: `morecols`, `level`.
    Int(i64),
    /// `ids`, `names`, `dupnames`, `classes`, `backrefs` and a few others.
    List(Vec<String>),
}

impl Value {
    /// The text of a text value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<Vec<String>> for Value {
    fn from(list: Vec<String>) -> Self {
        Value::List(list)
    }
}

/// Adds an attribute. Most elements have one or two, so room is made for no more.
fn add(attributes: &mut Vec<(Key, Value)>, key: Key, value: Value) {
    if attributes.len() < 4 {
        attributes.reserve_exact(1);
    }
    attributes.push((key, value));
}

/// Attributes whose value is always a list and which are absent when empty.
pub const LIST_ATTRIBUTES: [&str; 5] = ["ids", "classes", "names", "dupnames", "backrefs"];

impl Document {
    /// All attributes of a node, in the order in which they were set.
    pub fn attributes(&self, node: NodeId) -> &[(Key, Value)] {
        &self[node].attributes
    }

    /// The value of an attribute.
    pub fn value(&self, node: NodeId, key: &str) -> Option<&Value> {
        self[node].attributes.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The text of an attribute; `None` when it is absent or no text.
    pub fn get(&self, node: NodeId, key: &str) -> Option<&str> {
        self.value(node, key).and_then(Value::as_str)
    }

    /// The number of an attribute.
    pub fn int(&self, node: NodeId, key: &str) -> Option<i64> {
        match self.value(node, key) {
            Some(Value::Int(number)) => Some(*number),
            Some(Value::Text(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// True when the attribute is present.
    pub fn has(&self, node: NodeId, key: &str) -> bool {
        self.value(node, key).is_some()
    }

    /// The items of a list attribute; empty when it is absent.
    pub fn list(&self, node: NodeId, key: &str) -> &[String] {
        match self.value(node, key) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    /// The identifiers of a node.
    pub fn ids(&self, node: NodeId) -> &[String] {
        self.list(node, "ids")
    }

    /// The reference names of a node.
    pub fn names(&self, node: NodeId) -> &[String] {
        self.list(node, "names")
    }

    /// The classes of a node.
    pub fn classes(&self, node: NodeId) -> &[String] {
        self.list(node, "classes")
    }

    /// True when the node has this class.
    pub fn has_class(&self, node: NodeId, class: &str) -> bool {
        self.classes(node).iter().any(|c| c == class)
    }

    /// Sets an attribute; an empty list removes it.
    pub fn set(&mut self, node: NodeId, key: impl Into<Key>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        let attributes = &mut self[node].attributes;
        let at = attributes.iter().position(|(k, _)| *k == key);
        match (at, matches!(&value, Value::List(list) if list.is_empty())) {
            (Some(at), true) => drop(attributes.remove(at)),
            (Some(at), false) => attributes[at].1 = value,
            (None, true) => {}
            (None, false) => add(attributes, key, value),
        }
    }

    /// Removes an attribute and returns its value.
    pub fn unset(&mut self, node: NodeId, key: &str) -> Option<Value> {
        let attributes = &mut self[node].attributes;
        let at = attributes.iter().position(|(k, _)| k == key)?;
        Some(attributes.remove(at).1)
    }

    /// Appends one item to a list attribute, also when the item is there already.
    pub fn push(&mut self, node: NodeId, key: &'static str, item: impl Into<String>) {
        let attributes = &mut self[node].attributes;
        match attributes.iter_mut().find(|(k, _)| k == key) {
            Some((_, Value::List(list))) => list.push(item.into()),
            Some((_, other)) => *other = Value::List(vec![item.into()]),
            None => add(attributes, Cow::Borrowed(key), Value::List(vec![item.into()])),
        }
    }

    /// Appends items to a list attribute, leaving out those it has.
    pub fn extend(&mut self, node: NodeId, key: &'static str, items: impl IntoIterator<Item = String>) {
        for item in items {
            if !self.list(node, key).contains(&item) {
                self.push(node, key, item);
            }
        }
    }

    /// Takes one item out of a list attribute; true when it was there.
    pub fn pull(&mut self, node: NodeId, key: &str, item: &str) -> bool {
        let attributes = &mut self[node].attributes;
        let Some(at) = attributes.iter().position(|(k, _)| k == key) else { return false };
        let Value::List(list) = &mut attributes[at].1 else { return false };
        let Some(i) = list.iter().position(|x| x == item) else { return false };
        list.remove(i);
        if list.is_empty() {
            attributes.remove(at);
        }
        true
    }

    /// Adds one class to a node.
    pub fn add_class(&mut self, node: NodeId, class: &str) {
        self.extend(node, "classes", [class.to_owned()]);
    }
}
