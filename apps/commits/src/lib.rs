//! Commits: repositories, what is pushed to them, and who is told.
//!
//! A hook keeps a record on the disk and returns ([`hook`]); [`spool`] reads records in the order in which they came,
//! asks git, svnlook or hg what they mean ([`learn`]), and opens the door [`push::record`]. Everything else answers the
//! event `CommitsPushed`: commit mail, the search index, and the subscribers of other apps.
//!
//! Invariants:
//! - A record is on the disk before its hook returns; it is taken away after its push is committed.
//! - One record makes one push, however often it is read.
//! - A commit is new once: when no other branch had it and no earlier push brought it.
//! - No program runs while a transaction is open.
//!
//! A reader begins with [`push`].

mod cli;
mod config;
pub mod diff;
mod entity;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod hook;
mod index;
mod install;
pub mod learn;
mod mailing;
pub mod push;
pub mod query;
pub mod record;
pub mod references;
pub mod repository;
mod samples;
pub mod spool;
pub mod url;
pub mod vcs;
mod web;

use std::sync::Arc;

use kernel::Hub;
use plug::{MenuEntry, Module, Place};
use store::StoreError;

pub use cli::commands;
pub use config::Config;
pub use install::{closed_spool, has_hook};

store::id!(RepositoryId, "A registered repository.");
store::id!(PushId, "One push: what one record told.");
store::id!(RefId, "One branch or tag that a push moved.");

/// What this app brings to the hub.
pub fn module(hub: &Hub, config: Config) -> Module {
    let config = Arc::new(config);
    let spool = spool::Spool::new();
    Module {
        routes: web::routes(hub),
        mailboxes: vec![Arc::new(mailing::SenderMailbox(config.clone()))],
        subscribers: vec![Arc::new(mailing::CommitMail), Arc::new(index::Index)],
        jobs: vec![
            Arc::new(spool::RecordPushes(spool.clone())),
            Arc::new(mailing::MailPushes::new(config)),
            Arc::new(index::IndexPush),
        ],
        tasks: vec![Arc::new(spool::WatchSpool::new(spool, hub))],
        menu: vec![
            MenuEntry { place: Place::Top, label: "Commits", url: "/commits/".into(), order: 30 },
            MenuEntry { place: Place::Admin, label: "Repositories", url: "/admin/commits".into(), order: 30 },
        ],
        samples: samples::all(),
        ..Module::new("commits", "/commits")
    }
}

/// What cannot be done with repositories, as sentences for people.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("There is no repository called {0}.")]
    NoSuchRepository(String),
    #[error("A repository called {0} is registered already. Choose another name.")]
    NameTaken(String),
    #[error("`{0}` cannot be the name of a repository: use 1 to 60 letters, digits, and - _ . in between.")]
    BadName(String),
    #[error(
        "{0} is neither git, svn nor hg: the folder has no repository of these. Give the path of the repository itself."
    )]
    NoRepository(String),
    #[error("{0} is not the full path of a folder on this machine.")]
    BadPath(String),
    #[error("`{0}` is not a version control system. Say git, svn or hg.")]
    BadVcs(String),
    #[error("`{0}` is not a mail address.")]
    BadAddress(String),
    #[error("`{0}` is not a name of people who may see it. Say public or members.")]
    BadAudience(String),
    #[error("Only an administrator of the hub may change repositories.")]
    NotAllowed,
    #[error(transparent)]
    Asked(#[from] vcs::ask::AskError),
    #[error(transparent)]
    People(#[from] people::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}
