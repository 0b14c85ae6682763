//! `guildhall check`: every fault of the configuration, with its line and the mend.

use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, Command};
use kernel::overlay::{self, Overlay};
use kernel::{Clock, Templates, Theme};

use crate::config::{Config, Fault};
use crate::probe;

pub fn command() -> Command {
    Command::new("check")
        .about("Tell every fault of the configuration")
        .arg(
            Arg::new("sample")
                .long("sample")
                .action(ArgAction::SetTrue)
                .help("Print a configuration with every key, what it does and its default"),
        )
        .arg(
            Arg::new("alive")
                .long("alive")
                .action(ArgAction::SetTrue)
                .conflicts_with("sample")
                .help("Ask the hub that should be running at `listen` whether it is, as a container or a monitor does"),
        )
        .after_help(
            "Example: guildhall check --config /etc/guildhall.toml\n         guildhall check --sample > guildhall.toml",
        )
}

pub fn run(loaded: Result<Config, Vec<Fault>>) -> ExitCode {
    match loaded {
        Ok(config) => {
            let file =
                config.file.as_ref().map_or_else(|| "no file, only defaults".into(), |file| file.display().to_string());
            println!("The configuration is sound: {file}.");
            println!("The database is {}.", database(&config));
            theme(&config.hub.data.join("theme"))
        }
        Err(faults) => {
            println!("{}", told(&faults));
            ExitCode::FAILURE
        }
    }
}

/// Whether the hub answers at `/healthz` where the configuration lets it listen.
pub async fn alive(loaded: Result<Config, Vec<Fault>>) -> ExitCode {
    let listen = match loaded {
        Ok(config) => config.hub.listen,
        Err(faults) => {
            println!("{}", told(&faults));
            return ExitCode::FAILURE;
        }
    };
    let asked = async { probe::get(probe::connect(&listen).await?, &listen, "/healthz").await };
    let why = match asked.await {
        Ok(answer) if answer.status == 200 => {
            println!("The hub answers at {listen}.");
            return ExitCode::SUCCESS;
        }
        Ok(answer) => format!("it answers {}", answer.status),
        Err(why) => why,
    };
    println!("No hub answers at {listen}: {why}. Start it with `guildhall serve`, and see what it says.");
    ExitCode::FAILURE
}

/// Where everything is kept, without a password.
fn database(config: &Config) -> String {
    let (database, data) = (&config.hub.database, config.hub.data.display());
    if database == "sqlite" {
        let file = config.hub.data.join("guildhall.sqlite");
        let made = if file.exists() { "" } else { ", which `guildhall serve` makes" };
        return format!("SQLite, {}{made}", file.display());
    }
    format!("{}; files are kept in {data}", crate::settings::without_password(database))
}

/// Says which files of the project's own theme lag behind, and fails when a page would not show.
fn theme(folder: &Path) -> ExitCode {
    match overlay::standing(folder) {
        Ok(overlays) => {
            overlays.iter().filter_map(Overlay::complaint).for_each(|(text, mend)| println!("{text} {mend}"));
        }
        Err(error) => println!("The folder {} cannot be read: {error}", folder.display()),
    }
    let loaded = Theme::load(Some(folder)).map_err(|error| error.to_string());
    match loaded.and_then(|theme| Templates::load(theme, Clock::machine()).map_err(|error| error.to_string())) {
        Ok(_) => ExitCode::SUCCESS,
        Err(report) => {
            println!("{report}");
            ExitCode::FAILURE
        }
    }
}

/// The faults, one a line.
pub fn told(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
