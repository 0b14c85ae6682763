//! `guildhall migrate` and `guildhall replay`.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::config::Config;
use crate::modules;
use crate::open::{Migrate, open};
use crate::serve::House;

pub fn command() -> Command {
    Command::new("migrate")
        .about("Take the steps of the database's history that are missing; `serve` does so by itself")
        .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Only say which"))
        .after_help("Example: guildhall migrate --dry-run")
}

pub fn replay_command() -> Command {
    Command::new("replay")
        .about("Let a subscriber that derives (an index, pages) answer the journal again")
        .arg(Arg::new("subscriber").required(true))
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("N")
                .value_parser(value_parser!(i64))
                .help("Only entries after this number"),
        )
        .after_help("Example: guildhall replay tracker/index")
}

pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let hub = open(config, Migrate::No).await?;
    let pending = migrations::pending(hub.store.migrating()).await?;
    if pending.is_empty() {
        println!("The database is up to date.");
    } else if matches.get_flag("dry-run") {
        println!("{} to take:\n{}", steps(pending.len()), pending.join("\n"));
    } else {
        migrations::up(hub.store.migrating()).await?;
        println!("Took {}:\n{}", steps(pending.len()), pending.join("\n"));
    }
    Ok(())
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".into() } else { format!("{count} steps") }
}

pub async fn replay(config: &Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let Some(name) = matches.get_one::<String>("subscriber") else { return Ok(()) };
    let from = matches.get_one::<i64>("from").copied();
    let hub = open(config, Migrate::Yes).await?;
    let house = House::new(hub.clone(), config, modules::modules(&hub, config));
    match house.dispatcher.derives(name) {
        None => anyhow::bail!("There is no subscriber {name}. They are {}", house.dispatcher.names().join(", ")),
        Some(false) if from.is_none() => anyhow::bail!(
            "{name} tells people of what happened; from the start it would tell everything again. Say --from N if you mean it"
        ),
        Some(_) => {}
    }
    let tx = hub.store.write().await?;
    journal::rewind(&tx, name, from.unwrap_or(0)).await?;
    tx.commit().await?;
    let last = journal::query::last(&hub.store.read()).await?;
    println!("{name} answers again everything after entry {}; the last one is {last}.", from.unwrap_or(0));
    Ok(())
}
