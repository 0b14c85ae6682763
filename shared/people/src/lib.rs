//! People: users, the participants behind every contribution, groups, roles, and who may do what.
//!
//! Begin with [`Actor`] (who does something) and [`may`]. Everything anybody ever wrote hangs on a *participant*: a
//! user, a mail address that wrote in without an account, or a name from elsewhere (an IRC nick, a committer). When a
//! user confirms an address, the participant of that address becomes theirs, and with it all it ever wrote.
//!
//! Invariants: a participant is never deleted; an address belongs to one participant; a user has one participant of
//! their own, and any number that have been joined to them.

mod actor;
pub mod entity;
pub mod group;
mod may;
pub mod participant;
pub mod profile;
pub mod token;
pub mod user;

pub use actor::Actor;
pub use may::{EVERYWHERE, Grant, Role, may};
pub use participant::{Participant, ParticipantId};
pub use user::{User, UserId};

use store::StoreError;

store::id!(GroupId, "A group of users.");

/// What people do that cannot be done, as sentences for them.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("There is no person called {0}.")]
    NoSuchPerson(String),
    #[error("There is no group called {0}.")]
    NoSuchGroup(String),
    #[error("The name {0} is taken. Choose another one.")]
    NameTaken(String),
    #[error("The name {0} cannot be used: a name has 2 to 39 letters a-z, digits, and - _ . in between.")]
    BadName(String),
    #[error("The address {0} belongs to somebody already.")]
    AddressTaken(String),
    #[error("{0} is the address to which your mail goes. Choose another one for that first.")]
    PrimaryAddress(String),
    #[error("{0} is not a mail address.")]
    BadAddress(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}
