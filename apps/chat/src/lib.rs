//! The project's talk: a bot on IRC, its logs by day with a permalink a line, announcements of what happens in the hub.
//!
//! Begin with [`bot`]: one task owns one connection. What it hears is parsed by [`line`], kept by [`log`] and shown by
//! `web/day`; what it says are rows ([`say`]) that [`announce`] and the replies write.
//!
//! Invariants:
//! - A line that was heard is written at once, with its raw bytes, and once; while the database is away it waits in
//!   memory, in its order. A gap in the log is marked.
//! - A line's permalink never changes.
//! - The bot says at most what the throttle of its network allows; what waits to be said survives a restart.
//! - Private messages are never logged, and no hostmask is ever shown.

mod announce;
mod bot;
mod casemap;
mod cli;
mod config;
mod connect;
mod desk;
mod entity;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod index;
mod keep;
mod line;
pub mod log;
pub mod query;
mod reply;
mod samples;
mod sasl;
pub mod say;
mod session;
mod split;
mod throttle;
mod web;

use std::sync::Arc;

use kernel::Hub;
use plug::{MenuEntry, Module, Place};

pub use cli::commands;
pub use config::{Config, Network};

store::id!(ChannelId, "A channel of a network.");

/// What the pages of the chat share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Chat {
    pub hub: Hub,
    pub config: Arc<Config>,
    pub heads: web::Heads,
}

/// The chat as it is configured.
pub fn module(hub: &Hub, config: Config) -> Module {
    let chat = Chat { hub: hub.clone(), config: Arc::new(config), heads: web::Heads::default() };
    let mut module = Module::new("chat", "/chat");
    module.subscribers = vec![Arc::new(announce::Announce { hub: hub.clone(), config: chat.config.clone() })];
    module.jobs = vec![Arc::new(index::IndexLines)];
    for network in &chat.config.network {
        module.tasks.push(Arc::new(bot::Bot { network: network.clone() }));
    }
    module.menu = vec![MenuEntry { place: Place::Top, label: "Chat", url: "/chat/".into(), order: 50 }];
    module.samples = samples::all();
    module.routes = web::routes(chat);
    module
}
