//! `guildhall check`: every fault of the configuration, with its line and the mend.

use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, Command};
use kernel::overlay::{self, Overlay};
use kernel::{Clock, Templates, Theme};

use crate::config::{Config, Fault};

pub fn command() -> Command {
    Command::new("check")
        .about("Tell every fault of the configuration")
        .arg(
            Arg::new("sample")
                .long("sample")
                .action(ArgAction::SetTrue)
                .help("Print a configuration with every key, what it does and its default"),
        )
        .after_help(
            "Example: guildhall check --config /etc/guildhall.toml\n         guildhall check --sample > guildhall.toml",
        )
}

pub fn run(loaded: Result<Config, Vec<Fault>>) -> ExitCode {
    match loaded {
        Ok(config) => {
            println!("The configuration is sound.");
            theme(&config.hub.data.join("theme"))
        }
        Err(faults) => {
            println!("{}", told(&faults));
            ExitCode::FAILURE
        }
    }
}

/// Says which files of the project's own theme lag behind, and fails when a page would not show.
fn theme(folder: &Path) -> ExitCode {
    match overlay::standing(folder) {
        Ok(overlays) => overlays.iter().filter_map(Overlay::complaint).for_each(|text| println!("{text}")),
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
