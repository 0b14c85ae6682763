//! `guildhall theme`: the files that pages are made of, and a project's own ones.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use kernel::overlay::{self, Standing};
use kernel::theme;
use serde::Serialize;

use crate::config::Config;

pub fn command() -> Command {
    let name = || Arg::new("name").value_name("NAME").required(true).help("Such as hub/home.html or static/accent.css");
    Command::new("theme")
        .about("The files that pages are made of, and the project's own ones")
        .subcommand_required(true)
        .subcommand(
            Command::new("list")
                .about("List every file, and whether the project has its own")
                .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print them for programs"))
                .after_help("Example: guildhall theme list"),
        )
        .subcommand(
            Command::new("show")
                .about("Print a built-in file")
                .arg(name())
                .after_help("Example: guildhall theme show hub/home.html | diff guildhall-data/theme/hub/home.html -"),
        )
        .subcommand(
            Command::new("copy")
                .about("Copy a built-in file to where the project changes it")
                .arg(name())
                .after_help("Example: guildhall theme copy hub/home.html"),
        )
}

/// One file, as it is listed.
#[derive(Serialize)]
struct Row {
    name: String,
    /// `built in`, `own`, `in step`, `behind` or `unmarked`.
    state: &'static str,
}

pub fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let folder = std::path::absolute(config.hub.data.join("theme"))?;
    match matches.subcommand() {
        Some(("show", inner)) => show(named(inner)),
        Some(("copy", inner)) => copy(&folder, named(inner)),
        Some((_, inner)) => list(&folder, inner.get_flag("json")),
        None => Ok(()),
    }
}

fn named(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("name").map(String::as_str).unwrap_or_default()
}

fn show(name: &str) -> anyhow::Result<()> {
    let bytes = theme::built_in(name);
    let bytes = bytes.with_context(|| format!("There is no file {name}; `guildhall theme list` has them all"))?;
    Ok(std::io::stdout().write_all(&bytes)?)
}

fn copy(folder: &Path, name: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    anyhow::ensure!(!path.exists(), "{} is there already; move it away first", path.display());
    anyhow::ensure!(theme::built_in(name).is_some(), "There is no file {name}; `guildhall theme list` has them all");
    overlay::begin(folder, name).with_context(|| format!("{} cannot be written", path.display()))?;
    println!("{} is yours now. Its first line says what it was made from: leave it there.", path.display());
    println!("Restart the service when you have changed it.");
    Ok(())
}

fn list(folder: &Path, json: bool) -> anyhow::Result<()> {
    let own = overlay::standing(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut rows: Vec<Row> = theme::names().map(|name| Row { name, state: "built in" }).collect();
    for overlay in own {
        let state = match overlay.standing {
            Standing::Own => "own",
            Standing::Fresh => "in step",
            Standing::Behind { .. } => "behind",
            Standing::Unmarked { .. } => "unmarked",
        };
        match rows.iter_mut().find(|row| row.name == overlay.name) {
            Some(row) => row.state = state,
            None => rows.push(Row { name: overlay.name, state }),
        }
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else {
        for row in rows {
            writeln!(out, "{:<10} {}", row.state, row.name)?;
        }
    }
    Ok(())
}
