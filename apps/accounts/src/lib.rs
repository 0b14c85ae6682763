//! Accounts: how people come by one, prove that it is theirs, and say who they are; and what administrators decide.
//!
//! Begin with [`login`] and [`signup`]. Users, addresses, groups and roles themselves are kept by `people`, sessions by
//! `web`; this crate owns passwords, one-time links ([`ticket`]) and the [`audit`] log.
//!
//! Invariants:
//! - Passwords are hashed with argon2id, a bounded number at a time ([`hashing`]).
//! - Nothing that a stranger sees tells whether an address has an account.
//! - An address that is not confirmed belongs to nobody; an account that is not confirmed does not exist.
//! - A GET never uses a one-time link up.
//! - Everything that changes who may get in leaves a line in the audit log, in the same transaction.
//! - An active administrator is left after every change.

pub mod address;
pub mod audit;
mod cli;
mod config;
pub mod delay;
mod entity;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod gate;
pub mod hashing;
mod index;
pub mod invitation;
mod jobs;
mod letters;
pub mod login;
pub mod member;
pub mod oidc;
pub mod password;
pub mod person;
mod profile;
mod refusal;
mod samples;
pub mod scope;
pub mod setup;
pub mod signup;
pub mod strength;
pub mod ticket;
mod verified;
mod web;

use std::sync::Arc;
use std::time::Duration;

use kernel::Hub;
use plug::{MenuEntry, Module, Place};

pub use cli::commands;
pub use config::{Config, Signup};
pub use refusal::Refusal;
pub use ticket::Ticket;

/// What every handler of accounts is given. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub hub: Hub,
    pub config: Config,
    pub hasher: hashing::Hasher,
    pub delays: Arc<delay::Delays>,
    verified: Arc<verified::Verified>,
    /// Forms that send a mail, by client and by address.
    letters: Arc<::web::limit::Limit>,
}

impl Accounts {
    /// The state of the module.
    pub fn new(hub: &Hub, config: Config) -> Self {
        Self {
            hub: hub.clone(),
            hasher: hashing::Hasher::new(&config),
            config,
            delays: Arc::default(),
            verified: Arc::default(),
            letters: Arc::new(::web::limit::Limit::new(
                "forms of accounts that send a mail",
                20,
                Duration::from_secs(60),
            )),
        }
    }
}

/// Accounts as they are configured.
pub fn module(hub: &Hub, config: Config) -> Module {
    let entry = |place, label, url: &str, order| MenuEntry { place, label, url: url.into(), order };
    let mut module = Module::new("accounts", "/people");
    module.routes = web::routes(Accounts::new(hub, config));
    module.subscribers = vec![Arc::new(index::IndexPeople)];
    module.jobs = jobs::all();
    module.menu = vec![
        entry(Place::Top, "People", "/people/", 80),
        entry(Place::Admin, "People", "/admin/people", 10),
        entry(Place::Admin, "Groups", "/admin/groups", 11),
        entry(Place::Admin, "Invitations", "/admin/invitations", 12),
        entry(Place::Admin, "Programs", "/admin/programs", 13),
        entry(Place::Admin, "Audit log", "/admin/audit", 80),
        entry(Place::Me, "Profile", "/me", 10),
        entry(Place::Me, "Addresses", "/me/addresses", 11),
        entry(Place::Me, "Password", "/me/password", 12),
        entry(Place::Me, "Sessions", "/me/sessions", 13),
        entry(Place::Me, "Tokens", "/me/tokens", 14),
        entry(Place::Me, "Programs", "/me/programs", 15),
    ];
    module.samples = samples::all();
    module
}
