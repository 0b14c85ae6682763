//! Roles, and the one question that every door asks.

use serde::{Deserialize, Serialize};

use crate::Actor;

/// The scope that covers the whole hub.
pub const EVERYWHERE: &str = "";

/// What somebody is, in one scope. A higher role includes the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anyone who has signed in.
    Member,
    /// Changes what others wrote: issues of others, pages, repositories' settings.
    Developer,
    /// Decides about what others may say: held posts, members, redactions.
    Moderator,
    /// Everything in the scope.
    Administrator,
}

impl Role {
    /// All roles, lowest first.
    pub const ALL: [Self; 4] = [Self::Member, Self::Developer, Self::Moderator, Self::Administrator];

    /// The word under which the role is stored and typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Developer => "developer",
            Self::Moderator => "moderator",
            Self::Administrator => "administrator",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// One role in one scope: `tracker/issues`, `list/dev@example.org`, `repository/hub`, or [`EVERYWHERE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Role,
    pub scope: String,
}

/// Whether `actor` holds `role` in `scope`, there or everywhere. The hub itself may do everything.
pub fn may(actor: &Actor, role: Role, scope: &str) -> bool {
    match actor {
        Actor::System(_) => true,
        Actor::User { grants, .. } => {
            role == Role::Member
                || grants.iter().any(|grant| grant.role >= role && (grant.scope == EVERYWHERE || grant.scope == scope))
        }
        Actor::Anonymous | Actor::Participant { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParticipantId, UserId};

    fn user(grants: &[(Role, &str)]) -> Actor {
        let grants = grants.iter().map(|(role, scope)| Grant { role: *role, scope: (*scope).into() }).collect();
        Actor::User { id: UserId(1), participant: ParticipantId(1), name: "ann".into(), grants, groups: vec![] }
    }

    #[test]
    fn a_role_holds_in_its_scope_and_includes_the_lower_ones() {
        let ann = user(&[(Role::Moderator, "list/dev")]);
        assert!(may(&ann, Role::Developer, "list/dev"));
        assert!(!may(&ann, Role::Administrator, "list/dev"));
        assert!(!may(&ann, Role::Developer, "list/users"));
        assert!(may(&ann, Role::Member, "list/users"));
    }

    #[test]
    fn a_role_everywhere_holds_in_every_scope_and_a_stranger_has_none() {
        assert!(may(&user(&[(Role::Administrator, EVERYWHERE)]), Role::Moderator, "list/dev"));
        assert!(!may(&Actor::Anonymous, Role::Member, EVERYWHERE));
    }
}
