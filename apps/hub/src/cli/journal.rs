//! `guildhall journal`: entries, and those that could not be answered.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::config::Config;
use crate::modules;
use crate::open::{Migrate, open};
use crate::serve::House;

pub fn command() -> Command {
    let json = || Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print them for programs");
    let number = || Arg::new("entry").required(true).value_name("N").value_parser(value_parser!(i64));
    Command::new("journal")
        .about("Look at the journal")
        .arg(json())
        .subcommand(
            Command::new("parked")
                .about("List entries that a subscriber could not answer (the default)")
                .arg(json())
                .after_help("Example: guildhall journal parked --json"),
        )
        .subcommand(
            Command::new("show")
                .about("Show one entry")
                .arg(number())
                .after_help("Example: guildhall journal show 4711"),
        )
        .subcommand(
            Command::new("retry")
                .about("Let subscribers try a parked entry again")
                .arg(number())
                .after_help("Example: guildhall journal retry 4711"),
        )
        .after_help("Example: guildhall journal --json")
}

pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let hub = open(config, Migrate::Yes).await?;
    let number = |inner: &ArgMatches| inner.get_one::<i64>("entry").copied().unwrap_or_default();
    match matches.subcommand() {
        Some(("show", inner)) => {
            let entry = journal::query::entry(&hub.store.read(), number(inner)).await?;
            let entry = entry.ok_or_else(|| anyhow::anyhow!("There is no journal entry {}", number(inner)))?;
            println!(
                "{} {} {}\n{}",
                entry.id,
                kernel::exact(entry.at),
                entry.actor,
                serde_json::to_string_pretty(&entry.event)?
            );
        }
        Some(("retry", inner)) => {
            let house = House::new(hub.clone(), config, modules::modules(&hub, config));
            let parked = journal::query::parked(&hub.store.read()).await?;
            let waiting: Vec<_> = parked.into_iter().filter(|row| row.entry == number(inner)).collect();
            anyhow::ensure!(!waiting.is_empty(), "Entry {} is not parked", number(inner));
            for row in waiting {
                let subscriber = house.subscribers.iter().find(|subscriber| subscriber.name() == row.subscriber);
                let subscriber =
                    subscriber.ok_or_else(|| anyhow::anyhow!("The subscriber {} is gone", row.subscriber))?;
                journal::retry_parked(&hub.store, subscriber.as_ref(), row.entry).await?;
                println!("{} answered entry {}.", row.subscriber, row.entry);
            }
        }
        other => {
            let parked = journal::query::parked(&hub.store.read()).await?;
            if matches.get_flag("json") || other.is_some_and(|(_, inner)| inner.get_flag("json")) {
                println!("{}", serde_json::to_string_pretty(&parked)?);
                return Ok(());
            }
            if parked.is_empty() {
                println!("Nothing is parked.");
            }
            for row in parked {
                println!("{}\t{}\t{}\t{}", row.entry, row.subscriber, kernel::exact(row.at), row.reason);
            }
        }
    }
    Ok(())
}
