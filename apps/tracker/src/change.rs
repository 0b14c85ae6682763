//! What is asked of an issue, and what became of it. Pure.

use std::collections::BTreeMap;

use people::ParticipantId;
use serde::{Deserialize, Serialize};

use crate::kind::Value;

/// The way by which a change came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    #[default]
    Web,
    Mail,
    /// A commit that was pushed: its author had the right to push.
    Commit,
}

impl Via {
    /// The word under which it is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mail => "mail",
            Self::Commit => "commit",
        }
    }
}

/// What is asked of one property.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    Set(Value),
    /// Of a multilink: some more, some fewer.
    Delta {
        add: Vec<i64>,
        remove: Vec<i64>,
    },
}

impl Edit {
    /// The value that `old` becomes.
    pub fn apply(&self, old: &Value) -> Value {
        match self {
            Self::Set(value) => value.clone(),
            Self::Delta { add, remove } => {
                let kept = old.ids().iter().filter(|id| !remove.contains(id));
                Value::links(kept.chain(add).copied().collect())
            }
        }
    }
}

/// A file that comes with a message.
#[derive(Clone, Debug, Default)]
pub struct NewFile {
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// A message that is added.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    pub text: String,
    /// `plain` or `markdown`.
    pub format: String,
    /// Without angle brackets; made from the message's number when absent.
    pub message_id: Option<String>,
    pub in_reply_to: String,
    /// Those who have it already: the recipients of the mail that brought it.
    pub recipients: Vec<ParticipantId>,
    /// The blob of that mail.
    pub raw: Option<String>,
}

/// What is asked of an issue, in one piece.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub via: Via,
    pub title: Option<String>,
    pub edits: BTreeMap<String, Edit>,
    /// What the person saw of a property when they changed it, as [`Value::stored`]; another change in between is told.
    pub seen: BTreeMap<String, String>,
    pub message: Option<NewMessage>,
    pub files: Vec<NewFile>,
    /// Whether the status stays as it is unless an edit sets it: one was asked for that there is not.
    pub keeps_status: bool,
}

impl Change {
    /// A change of one property.
    pub fn of(property: &str, edit: Edit) -> Self {
        Self { edits: BTreeMap::from([(property.to_owned(), edit)]), ..Self::default() }
    }

    /// Whether it asks for anything beside a message, files and a change of the nosy list.
    pub fn sets_properties(&self) -> bool {
        self.title.is_some() || self.edits.keys().any(|name| name != "nosy")
    }

    /// Whether it asks for nothing at all.
    pub fn is_empty(&self) -> bool {
        self.title.is_none() && self.edits.is_empty() && self.message.is_none() && self.files.is_empty()
    }
}

/// What became of one property, as the history keeps it. Values are written as [`Value::stored`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    #[serde(rename = "p")]
    pub property: String,
    #[serde(rename = "f", default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub to: String,
}

impl Delta {
    /// The step from one value to another; `None` when they are the same.
    pub fn between(property: &str, from: &Value, to: &Value) -> Option<Self> {
        let (from, to) = (from.stored(), to.stored());
        (from != to).then(|| Self { property: property.to_owned(), from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_multilinks_add_and_remove() {
        let old = Value::links(vec![3, 1]);
        let edit = Edit::Delta { add: vec![2, 3], remove: vec![1] };
        assert_eq!(edit.apply(&old), Value::Links(vec![2, 3]));
        let none = Edit::Delta { add: vec![], remove: vec![1, 3] };
        assert_eq!(none.apply(&old), Value::Empty);
        assert_eq!(Delta::between("nosy", &old, &old), None);
    }
}
