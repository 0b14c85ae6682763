//! Who does something.

use serde::{Deserialize, Serialize};

use crate::{Grant, ParticipantId, UserId};

/// Whoever opens a door: every door takes one, every journal entry names one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Actor {
    /// A visitor without an account, on the web.
    Anonymous,
    /// Somebody known by a mail address or a name, without an account.
    Participant { id: ParticipantId, name: String },
    /// A user, with the roles they hold at this moment.
    User { id: UserId, participant: ParticipantId, name: String, grants: Vec<Grant>, groups: Vec<i64> },
    /// The hub itself: `System("jobs")`, `System("setup")`.
    System(String),
}

impl Actor {
    /// The hub itself, named by the part of it that acts.
    pub fn system(part: &str) -> Self {
        Self::System(part.to_owned())
    }

    /// The user, when it is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The participant under whom contributions are kept; the hub and visitors have none.
    pub fn participant(&self) -> Option<ParticipantId> {
        match self {
            Self::User { participant, .. } => Some(*participant),
            Self::Participant { id, .. } => Some(*id),
            Self::Anonymous | Self::System(_) => None,
        }
    }

    /// The name as it stands in a history.
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::Participant { name, .. } => name,
            Self::Anonymous => "anonymous",
            Self::System(part) => part,
        }
    }

    /// Whether this is a user or the hub, not a stranger.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::User { .. } | Self::System(_))
    }

    /// The audiences whose things this actor may see: `public`, `members`, `group:ID`, `user:ID`; an administrator
    /// and the hub itself see `admins` too.
    pub fn audiences(&self) -> Vec<String> {
        let mut audiences = vec!["public".to_owned()];
        if self.is_known() {
            audiences.push("members".into());
        }
        if let Self::User { id, groups, .. } = self {
            audiences.push(format!("user:{id}"));
            audiences.extend(groups.iter().map(|group| format!("group:{group}")));
        }
        if crate::may(self, crate::Role::Administrator, crate::EVERYWHERE) {
            audiences.push("admins".into());
        }
        audiences
    }
}
