//! How an app plugs into the hub: a plain struct that lists what it brings.
//!
//! Begin with [`Module`]. What an app offers on the command line stands beside it ([`Command`], from the app's
//! `commands()`), since help must work without a database. There is no registration at a distance:
//! `apps/hub/src/modules.rs` is one list of calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use kernel::Hub;
use people::Actor;
use store::StoreError;

pub use clap;
pub use jobs::{Job, Task};
pub use journal::Subscriber;
pub use mail::Mailbox;
pub use web::{MenuEntry, Place};

/// All that one app brings to the hub.
pub struct Module {
    /// Config table, log target, word on the command line.
    pub name: &'static str,
    /// Where its pages stand: `/issues`.
    pub mount: &'static str,
    /// Its pages with absolute paths, state already given.
    pub routes: axum::Router,
    /// Addresses it answers.
    pub mailboxes: Vec<Arc<dyn Mailbox>>,
    /// Journal entries it answers.
    pub subscribers: Vec<Arc<dyn Subscriber>>,
    /// Queued and scheduled work.
    pub jobs: Vec<Arc<dyn Job>>,
    /// Long-lived work on one hub at a time: an IRC connection.
    pub tasks: Vec<Arc<dyn Task>>,
    pub menu: Vec<MenuEntry>,
    /// What its things are known by, for the search box.
    pub finders: Vec<Arc<dyn Finder>>,
    /// A context for every template, rendered by a test.
    pub samples: Vec<Sample>,
}

impl Module {
    /// A module that brings nothing yet.
    pub fn new(name: &'static str, mount: &'static str) -> Self {
        Self {
            name,
            mount,
            routes: axum::Router::new(),
            mailboxes: vec![],
            subscribers: vec![],
            jobs: vec![],
            tasks: vec![],
            menu: vec![],
            finders: vec![],
            samples: vec![],
        }
    }
}

/// Knows things by a name that people paste into the search box, such as the Message-ID of a mail.
#[async_trait]
pub trait Finder: Send + Sync {
    /// The path of the one thing of that name, when there is one that `actor` may see.
    async fn find(&self, hub: &Hub, actor: &Actor, name: &str) -> Result<Option<String>, StoreError>;
}

/// What a command gives back; an error is one sentence with the mend.
pub type Outcome = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// One command below the module's word: `guildhall accounts add NAME`.
pub struct Command {
    /// Its arguments and help, with an example.
    pub clap: clap::Command,
    pub run: Run,
}

/// What a command needs.
#[derive(Clone)]
pub enum Run {
    /// The opened, migrated hub.
    WithHub(Arc<dyn Fn(Hub, clap::ArgMatches) -> Outcome + Send + Sync>),
    /// Nothing but its arguments.
    Alone(Arc<dyn Fn(clap::ArgMatches) -> anyhow::Result<()> + Send + Sync>),
}

impl Command {
    /// A command that works on the hub.
    pub fn new<F, Fut>(clap: clap::Command, run: F) -> Self
    where
        F: Fn(Hub, clap::ArgMatches) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { clap, run: Run::WithHub(Arc::new(move |hub, matches| Box::pin(run(hub, matches)))) }
    }

    /// A command that needs no hub and opens no database.
    pub fn alone(
        clap: clap::Command,
        run: impl Fn(clap::ArgMatches) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { clap, run: Run::Alone(Arc::new(run)) }
    }
}

/// A context with which a template renders as it would for a person.
pub struct Sample {
    /// `tracker/issue.show.html`.
    pub template: &'static str,
    pub context: kernel::Context,
}

impl Sample {
    /// A sample of a template.
    pub fn new(template: &'static str, context: kernel::Context) -> Self {
        Self { template, context }
    }
}
