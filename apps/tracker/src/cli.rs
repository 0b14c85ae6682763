//! `guildhall tracker …`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use kernel::Hub;
use plug::Command;

use crate::{roundup, tracker};

/// The commands of the tracker.
pub fn commands() -> Vec<Command> {
    vec![
        Command::new(new_words(), new),
        Command::new(list_words(), list),
        Command::new(roundup_words("import", "Brings in what `roundup-admin export` wrote"), import),
        Command::new(roundup_words("export", "Writes a tracker as `roundup-admin export` does"), export),
    ]
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

fn list_words() -> clap::Command {
    clap::Command::new("list")
        .about("Lists the trackers")
        .after_help("Example: guildhall tracker list --json")
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("For programs"))
}

fn roundup_words(name: &'static str, about: &'static str) -> clap::Command {
    clap::Command::new(name)
        .about(about)
        .after_help(format!("Example: guildhall tracker {name} roundup ./exported --tracker issues"))
        .arg(Arg::new("format").required(true).value_parser(["roundup"]).help("The format"))
        .arg(Arg::new("path").required(true).value_parser(value_parser!(PathBuf)).help("The directory"))
        .arg(Arg::new("tracker").long("tracker").default_value("issues").help("The tracker"))
}

fn word(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

async fn new(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let tx = hub.store.write().await?;
    let row =
        tracker::create(&tx, &word(&matches, "name"), &word(&matches, "title"), &word(&matches, "template")).await?;
    tx.commit().await.context("The tracker was not made")?;
    println!("{} {}", row.name, hub.url(&format!("/issues/{}/", row.name)));
    Ok(())
}

async fn list(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let rows = tracker::all(&hub.store.read()).await?;
    if matches.get_flag("json") {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "name": row.name, "title": row.title, "template": row.template, "audience": row.audience,
                    "url": hub.url(&format!("/issues/{}/", row.name)), "address": hub.settings.address(&row.name),
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    println!("{:<20} {:<10} {:<8} TITLE", "NAME", "TEMPLATE", "READERS");
    for row in rows {
        println!("{:<20} {:<10} {:<8} {}", row.name, row.template, row.audience, row.title);
    }
    Ok(())
}

async fn import(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let path = matches.get_one::<PathBuf>("path").cloned().unwrap_or_default();
    let begun = Instant::now();
    let report = roundup::import(&hub, &path, &word(&matches, "tracker")).await?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{}: {} issues, {} messages, {} files, {} people, {} other rows, {} lines of history in {seconds:.1} s ({:.0} issues a second)",
        report.tracker,
        report.issues,
        report.messages,
        report.files,
        report.people,
        report.rows,
        report.history,
        report.issues as f64 / seconds.max(0.001)
    );
    println!("Words in them are found as soon as the service has indexed them.");
    Ok(())
}

async fn export(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let path = matches.get_one::<PathBuf>("path").cloned().unwrap_or_default();
    let issues = roundup::export(&hub, &path, &word(&matches, "tracker")).await?;
    println!("{issues} issues written to {}", path.display());
    Ok(())
}
