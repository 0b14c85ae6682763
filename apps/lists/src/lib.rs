//! Mailing lists and their archives.
//!
//! A reader begins with [`inbound`] (what an address of a list does with a mail), goes on to [`policy`] (what becomes of
//! a post), [`post`] (how it is archived and sent to the members) and [`thread`] (who answers whom).
//!
//! Invariants:
//! - A post is archived, threaded, indexed, announced in the journal and queued for every member in one transaction.
//! - The archive keeps the bytes as they came; the rest of a post's row is derived from them.
//! - Where the list changes nothing, members get the author's bytes below the list's own fields, so that signatures hold.
//! - Threads are a function of the set of posts: any order of arrival gives the same.
//! - Only a POST with a secret ends a membership without signing in; a GET changes nothing anywhere.

mod answer;
mod archive;
mod bounce;
mod cli;
mod commands;
mod config;
mod delivery;
mod entity;
mod fanout;
mod finder;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod headers;
mod held;
mod import;
mod inbound;
mod jobs;
pub mod list;
mod mbox;
pub mod member;
mod notice;
pub mod policy;
mod post;
pub mod query;
mod reading;
mod refusal;
mod route;
mod samples;
mod show;
mod subscription;
mod thread;
mod url;
mod web;

use std::sync::Arc;

use ::web::{MenuEntry, Place};
use kernel::Hub;
use plug::Module;

pub use cli::commands;
pub use config::Config;
pub use refusal::Refusal;

store::id!(ListId, "A mailing list.");
store::id!(MemberId, "A membership of one address in one list.");
store::id!(PostId, "A post in an archive.");
store::id!(ThreadId, "The posts that belong together.");
store::id!(HeldId, "A post that waits for a moderator.");

/// The app as its handlers and mailbox see it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lists {
    pub hub: Hub,
    /// What one client may ask for: joining, leaving and answering.
    pub limit: Arc<::web::limit::Limit>,
}

/// The mailing lists of a hub.
pub fn module(hub: &Hub, _config: Config) -> Module {
    let limit = Arc::new(::web::limit::Limit::new(
        "joining, leaving and answering lists",
        20,
        std::time::Duration::from_secs(30),
    ));
    let lists = Lists { hub: hub.clone(), limit };
    Module {
        routes: web::routes(lists.clone()),
        mailboxes: vec![Arc::new(inbound::ListMailbox(lists.hub.clone()))],
        jobs: vec![Arc::new(jobs::TendLists)],
        menu: vec![MenuEntry { place: Place::Top, label: "Lists", url: "/lists/".into(), order: 20 }],
        finders: vec![Arc::new(finder::ByMessageId)],
        samples: samples::samples(),
        ..Module::new("lists", "/lists")
    }
}
