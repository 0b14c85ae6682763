//! Who may do what here, and what follows from a change by itself. Pure.

use people::{Actor, ParticipantId, Role, may};

use crate::catalog::Catalog;
use crate::change::{Edit, Via};
use crate::kind::Value;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Read,
    File,
    Comment,
    Change,
    /// Rows of the schema, held mail, retired issues, settings.
    Administer,
}

impl Deed {
    /// The words for a refusal: "may not {words}".
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "read this tracker",
            Self::File => "file issues here",
            Self::Comment => "comment here",
            Self::Change => "change the properties of this issue",
            Self::Administer => "administer this tracker",
        }
    }
}

/// Whether `actor` may do it in this tracker. Whoever filed an issue may change it (`own`); whoever pushed a commit
/// may change what it closes.
pub fn allows(catalog: &Catalog, actor: &Actor, deed: Deed, own: bool, via: Via) -> bool {
    let tracker = &catalog.tracker;
    let scope = catalog.scope();
    let holds = |word: &str| match word {
        "anyone" => true,
        // Mail of a participant without account comes here only after a moderator let it pass.
        "member" => actor.is_known() || (via == Via::Mail && matches!(actor, Actor::Participant { .. })),
        word => Role::from_word(word).is_some_and(|role| may(actor, role, &scope)),
    };
    match deed {
        Deed::Read => tracker.audience == "public" || actor.is_known(),
        Deed::File => holds(&tracker.may_file),
        Deed::Comment => via == Via::Commit || holds(&tracker.may_comment),
        Deed::Change => holds(&tracker.may_change) || own && actor.is_known() || via == Via::Commit && actor.is_known(),
        Deed::Administer => may(actor, Role::Administrator, &scope),
    }
}

/// What the status becomes by itself, as Roundup's status auditor has it: a new issue is `unread`, and a message wakes
/// an issue that nobody looked at or that was closed.
pub fn status_after(catalog: &Catalog, old: &Value, is_new: bool, has_message: bool, via: Via) -> Option<Value> {
    let status = catalog.property("status")?;
    let class = catalog.class(&status.target)?;
    let first = || class.living().next().map(|item| Value::Link(item.number));
    if is_new {
        return (*old == Value::Empty).then(first).flatten();
    }
    if !has_message || via == Via::Commit {
        return None;
    }
    let chatting = class.item_named("chatting")?;
    let sleeps = match old.ids().first() {
        None => true,
        Some(number) => {
            class.item(*number).is_some_and(|item| matches!(item.name.as_str(), "unread" | "resolved" | "done-cbb"))
        }
    };
    sleeps.then_some(Value::Link(chatting.number))
}

/// Who joins the nosy list by a change, as Roundup's nosy auditor has it: the assignee who is new, the author of a new
/// issue or of an answer who is not there, and of a new issue those whom the mail names.
pub fn joins_nosy(
    new_assignee: Option<i64>,
    author: Option<ParticipantId>,
    others: &[ParticipantId],
    is_new: bool,
) -> Edit {
    let mut add: Vec<i64> = new_assignee.into_iter().chain(author.map(|id| id.0)).collect();
    if is_new {
        add.extend(others.iter().map(|id| id.0));
    }
    Edit::Delta { add, remove: vec![] }
}
