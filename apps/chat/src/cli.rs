//! `guildhall chat`: channels and their state.

use plug::Command;
use plug::clap::{self, Arg, ArgAction};

use crate::query;

/// The words below `guildhall chat`.
pub fn commands() -> Vec<Command> {
    let list = clap::Command::new("channels")
        .about("List the channels that the bot logs, and whether it is there")
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue))
        .after_help("Example: guildhall chat channels --json");
    vec![Command::new(list, |hub, matches| async move {
        let channels = query::channels(&hub.store.read()).await?;
        if matches.get_flag("json") {
            println!("{}", serde_json::to_string_pretty(&channels)?);
        } else if channels.is_empty() {
            println!("The bot has been on no channel yet. Name a [[chat.network]] in guildhall.toml.");
        }
        for channel in channels.iter().filter(|_| !matches.get_flag("json")) {
            println!("{}\t{}\t{}", channel.network, channel.name, channel.state);
        }
        Ok(())
    })]
}
