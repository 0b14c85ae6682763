//! Every app, named once, in the order of the menu.

use kernel::Hub;
use plug::{Command, Module};

use crate::config::Config;

/// The modules that are on.
pub fn modules(hub: &Hub, config: &Config) -> Vec<Module> {
    let on = [
        config.tracker.clone().map(|config| tracker::module(hub, config)),
        config.lists.clone().map(|config| lists::module(hub, config)),
        config.commits.clone().map(|config| commits::module(hub, config)),
        config.site.clone().map(|config| site::module(hub, config)),
        config.chat.clone().map(|config| chat::module(hub, config)),
        config.accounts.clone().map(|config| accounts::module(hub, config)),
    ];
    on.into_iter().flatten().collect()
}

/// What must stand before the hub serves: the default tracker and the like. Idempotent.
pub async fn prepare(hub: &Hub, config: &Config) -> anyhow::Result<()> {
    if let Some(config) = &config.tracker {
        tracker::prepare(hub, config).await?;
    }
    if let Some(config) = &config.site {
        site::prepare(hub, config).await?;
    }
    Ok(())
}

/// The words of each app on the command line.
pub fn commands() -> Vec<(&'static str, &'static str, Vec<Command>)> {
    vec![
        ("accounts", "People, their passwords and tokens", accounts::commands()),
        ("tracker", "Issue trackers", tracker::commands()),
        ("lists", "Mailing lists and their members", lists::commands()),
        ("commits", "Repositories and their hooks", commits::commands()),
        ("chat", "The IRC bot and its logs", chat::commands()),
        ("site", "The project's web site", site::commands()),
    ]
}
