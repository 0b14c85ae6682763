//! `guildhall theme`: the files that pages are made of, and a project's own ones.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use kernel::overlay::{self, Compared, Standing};
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
        .subcommand(
            Command::new("diff")
                .about("Show what changed in a built-in file since the project copied it, and what the project changed")
                .arg(name())
                .after_help("Example: guildhall theme diff hub/home.html"),
        )
        .subcommand(
            Command::new("taken")
                .about("Say that the project's file has what changed in the built-in one")
                .arg(name())
                .after_help("Example: guildhall theme taken hub/home.html"),
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
        Some(("diff", inner)) => diff(&folder, named(inner)),
        Some(("taken", inner)) => taken(&folder, named(inner)),
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

/// A file of the project's own, or a word on why there is none.
fn own(folder: &Path, name: &str) -> anyhow::Result<Compared> {
    let path = folder.join(name);
    anyhow::ensure!(path.is_file(), "{} is not there: the built-in file is used as it is", path.display());
    anyhow::ensure!(theme::built_in(name).is_some(), "{name} is only yours: there is no built-in file of that name");
    overlay::compare(folder, name).with_context(|| format!("{} cannot be read", path.display()))
}

fn diff(folder: &Path, name: &str) -> anyhow::Result<()> {
    let texts = own(folder, name)?;
    let (now, yours) = (format!("{name} as built in now"), format!("{name} as yours is"));
    let mut out = std::io::stdout();
    let Some(before) = &texts.before else {
        writeln!(out, "Nothing was kept of the file that yours was made from. What differs between ours and yours:\n")?;
        return Ok(write!(out, "{}", unified(&texts.now, &texts.own, &now, &yours))?);
    };
    let then = format!("{name} as you copied it");
    writeln!(out, "What changed in ours since you copied it:\n")?;
    writeln!(out, "{}", unified(before, &texts.now, &then, &now))?;
    writeln!(out, "What you changed:\n")?;
    Ok(write!(out, "{}", unified(before, &texts.own, &then, &yours))?)
}

/// The lines that differ, each with three around it.
fn unified(old: &str, new: &str, from: &str, to: &str) -> String {
    if old == new {
        return "Nothing.\n".into();
    }
    similar::TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(from, to).to_string()
}

fn taken(folder: &Path, name: &str) -> anyhow::Result<()> {
    let texts = own(folder, name)?;
    overlay::take_over(folder, name).with_context(|| format!("{} cannot be written", folder.join(name).display()))?;
    println!("{name} is in step with the built-in file {} now.", texts.hash);
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
