//! `guildhall check`: every fault of the configuration, with its line and the mend.

use std::process::ExitCode;

use clap::Command;

use crate::config::{Config, Fault};

pub fn command() -> Command {
    Command::new("check")
        .about("Tell every fault of the configuration")
        .after_help("Example: guildhall check --config /etc/guildhall.toml")
}

pub fn run(loaded: Result<Config, Vec<Fault>>) -> ExitCode {
    match loaded {
        Ok(_) => {
            println!("The configuration is sound.");
            ExitCode::SUCCESS
        }
        Err(faults) => {
            println!("{}", told(&faults));
            ExitCode::FAILURE
        }
    }
}

/// The faults, one a line.
pub fn told(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
