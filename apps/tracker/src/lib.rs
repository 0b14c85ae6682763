//! Issue trackers: issues by form, by mail and by commit, with nosy lists, a full history, and lists in the URL.
//!
//! Begin with [`issue`], the door through which every change of an issue comes, and [`Change`](change::Change), what it
//! takes. What a tracker's issues have (statuses, priorities, keywords, any property) are rows, read as a
//! [`Catalog`](catalog::Catalog).
//!
//! Invariants:
//! - An issue has a number in its tracker, given once and never again; retiring keeps it.
//! - Every change is one row of history with what each property was and became, in the transaction of the change.
//! - A change counts up the version of its tracker, and lists that were read under an older version are not used.
//! - A mail is stored whatever it asks for; what could not be done is told to its sender.

mod answer;
mod body;
pub mod catalog;
pub mod change;
pub mod cli;
mod commits;
mod config;
mod entity;
pub mod filter;
mod finder;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod inbound;
mod index;
mod input;
pub mod issue;
mod kept;
pub mod kind;
mod leave;
pub mod list;
mod message;
mod moderation;
mod nosy;
mod numbers;
pub mod query;
mod refusal;
mod roundup;
mod rules;
mod samples;
pub mod saved;
mod schema;
pub mod settings;
mod subject;
pub mod tracker;
mod web;

use std::sync::Arc;

use kernel::Hub;
use plug::{MenuEntry, Module, Place};

pub use cli::commands;
pub use config::Config;
pub use refusal::Refusal;

store::id!(TrackerId, "A tracker.");
store::id!(IssueId, "An issue, for ever; people know it by its number in its tracker.");

/// What the pages and mailboxes of the tracker share. Cheap to clone.
#[derive(Clone)]
pub struct Tracker {
    pub hub: Hub,
    pub config: Arc<Config>,
    pub catalogs: catalog::Catalogs,
    pub lists: list::Lists,
    pub(crate) wholes: web::Wholes,
}

impl Tracker {
    /// The tracker of a hub.
    pub fn new(hub: &Hub, config: Config) -> Self {
        let catalogs = catalog::Catalogs::new(&config.default, &hub.settings.mail_domain);
        Self {
            hub: hub.clone(),
            config: Arc::new(config),
            catalogs,
            lists: list::Lists::new(&hub.store),
            wholes: web::Wholes::default(),
        }
    }
}

/// The module.
pub fn module(hub: &Hub, config: Config) -> Module {
    let tracker = Tracker::new(hub, config);
    Module {
        routes: web::routes(tracker.clone()),
        mailboxes: vec![Arc::new(inbound::TrackerMailbox(tracker.clone()))],
        subscribers: vec![
            Arc::new(nosy::TellNosy(tracker.clone())),
            Arc::new(commits::CloseByCommit(tracker.clone())),
            Arc::new(index::IndexIssues(tracker.clone())),
        ],
        jobs: vec![Arc::new(index::IndexTracker(tracker.clone()))],
        finders: vec![Arc::new(finder::ByMessageId(tracker))],
        menu: vec![MenuEntry { place: Place::Top, label: "Issues", url: "/issues/".into(), order: 10 }],
        samples: samples::all(),
        ..Module::new("tracker", "/issues")
    }
}

/// Makes the default tracker of a new hub; a hub that has it is left alone.
pub async fn prepare(hub: &Hub, config: &Config) -> anyhow::Result<()> {
    let is_there =
        async || Ok::<_, anyhow::Error>(tracker::by_name(&hub.store.read(), &config.default).await?.is_some());
    if is_there().await? {
        return Ok(());
    }
    let tx = hub.store.write().await?;
    let made = tracker::ensure_default(&tx, &config.default, "Issues").await;
    if made.is_ok() {
        tx.commit().await?;
        return Ok(());
    }
    tx.rollback().await?;
    // Another hub that starts at this moment may have been quicker.
    if is_there().await? { Ok(()) } else { Ok(made?) }
}
