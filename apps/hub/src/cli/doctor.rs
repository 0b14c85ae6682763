//! `guildhall doctor`: what is missing for real use, with a mend for each finding.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::config::Config;
use crate::doctor::{self, Finding, Resolver, State};
use crate::open::{Migrate, open};

pub fn command() -> Command {
    Command::new("doctor")
        .about("Look for what is missing for real use: names, mail out and in, hooks, IRC, backups, disk")
        .arg(
            Arg::new("resolver")
                .long("resolver")
                .value_name("ADDR")
                .value_parser(value_parser!(SocketAddr))
                .help("Ask this name server, such as 9.9.9.9:53, instead of the machine's"),
        )
        .arg(
            Arg::new("mail-loop")
                .long("mail-loop")
                .value_name("SECONDS")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("60")
                .value_parser(value_parser!(u64))
                .help("Also send a mail through the smarthost to the hub itself, and wait so long for it to come back"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print the findings for programs"))
        .after_help("Example: guildhall doctor\n         guildhall doctor --mail-loop")
}

/// Prints what was found; fails when something does not work.
pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let hub = open(config, Migrate::No).await?;
    let named = matches.get_one::<SocketAddr>("resolver");
    let resolver = named.map_or_else(Resolver::of_machine, |server| Resolver::at(*server));
    let mut found = doctor::examine(config, &hub, &resolver).await?;
    if let Some(seconds) = matches.get_one::<u64>("mail-loop") {
        // What is known of an earlier one says less.
        found.retain(|finding| finding.area != doctor::round::AREA);
        found.extend(doctor::mail_loop(config, &hub, Duration::from_secs(*seconds)).await?);
    }
    if matches.get_flag("json") {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", told(&found));
    }
    let sick = found.iter().any(|finding| finding.state == State::Fault);
    Ok(if sick { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The faults first, each with its mend below it.
fn told(found: &[Finding]) -> String {
    let mut text = String::new();
    for (state, mark) in [(State::Fault, "FAULT  "), (State::Warning, "warning"), (State::Good, "good   ")] {
        for finding in found.iter().filter(|finding| finding.state == state) {
            text += &format!("{mark}  {:<9}  {}\n", finding.area, finding.text);
            if !finding.mend.is_empty() {
                text += &format!("{:20}-> {}\n", "", finding.mend);
            }
        }
    }
    let count = |state| found.iter().filter(|finding| finding.state == state).count();
    text + &format!("{} faults, {} warnings.\n", count(State::Fault), count(State::Warning))
}
