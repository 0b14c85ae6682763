//! `guildhall tracker …`.

use anyhow::Context as _;
use clap::{Arg, ArgMatches};
use kernel::Hub;
use plug::Command;

use crate::tracker;

/// The commands of the tracker.
pub fn commands() -> Vec<Command> {
    vec![Command::new(new_words(), new)]
}

fn new_words() -> clap::Command {
    clap::Command::new("new")
        .about("Makes a tracker")
        .after_help("Example: guildhall tracker new website --template devel --title \"The web site\"")
        .arg(Arg::new("name").required(true).help("Its name in URLs and mail addresses: website@"))
        .arg(
            Arg::new("template")
                .long("template")
                .default_value("classic")
                .value_parser(["classic", "devel"])
                .help("What its issues have at the start"),
        )
        .arg(Arg::new("title").long("title").default_value("").help("Its name for people"))
}

async fn new(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let word = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let tx = hub.store.write().await?;
    let row = tracker::create(&tx, &word("name"), &word("title"), &word("template")).await?;
    tx.commit().await.context("The tracker was not made")?;
    println!("{} {}", row.name, hub.url(&format!("/issues/{}/", row.name)));
    Ok(())
}
