//! `guildhall backup FILE` and `guildhall restore FILE`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::backup::{self, Replace};
use crate::config::Config;
use crate::open::{Migrate, open};

fn file() -> Arg {
    Arg::new("file").required(true).value_name("FILE").value_parser(value_parser!(PathBuf))
}

pub fn command() -> Command {
    Command::new("backup")
        .about("Write the database, the blobs and the files beside them into one file, while the hub serves")
        .arg(file())
        .after_help("Example: guildhall backup /var/backups/guildhall/$(date +%F).tar.gz")
}

pub fn restore_command() -> Command {
    Command::new("restore")
        .about("Make a hub from a backup, on either database; the hub must not run meanwhile")
        .arg(file())
        .arg(
            Arg::new("replace")
                .long("replace")
                .action(ArgAction::SetTrue)
                .help("A hub with people or mail in it may go; its database file is kept beside the new one"),
        )
        .arg(
            Arg::new("check").long("check").action(ArgAction::SetTrue).help("Only read the file and say what is in it"),
        )
        .after_help("Example: guildhall restore --check /var/backups/guildhall/2026-11-21.tar.gz")
}

pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let hub = open(config, Migrate::No).await?;
    let configured = matches.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let file = named(matches);
    let manifest = backup::write(&hub, file, configured).await?;
    println!("{}: {}", file.display(), told(&manifest));
    Ok(())
}

pub async fn restore(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let file = named(matches);
    if matches.get_flag("check") {
        let (head, manifest) = backup::check(file)?;
        println!("{}: whole, made {} by Guildhall {}", file.display(), kernel::exact(head.made_at), head.version);
        println!("{}", told(&manifest));
        for (table, rows) in manifest.tables.iter().filter(|(_, rows)| **rows > 0) {
            println!("  {table}: {rows}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let replace = if matches.get_flag("replace") { Replace::Yes } else { Replace::No };
    let restored = backup::restore(config, file, replace).await?;
    println!("Restored {} into {}.", told(&restored.manifest), into(config));
    if let Some(kept) = &restored.kept {
        println!("The database that was there is kept as {}; delete it when all is well.", kept.display());
    }
    if let Some(laid) = &restored.config {
        println!("The configuration of the backup is {}; take over what you need.", laid.display());
    }
    println!(
        "Mail that waited when the backup was made will go out: look at `guildhall mail queue` before you start the hub."
    );
    Ok(ExitCode::SUCCESS)
}

fn named(matches: &ArgMatches) -> &Path {
    matches.get_one::<PathBuf>("file").map_or(Path::new(""), PathBuf::as_path)
}

/// Where a hub of this configuration keeps its rows, without the password.
fn into(config: &Config) -> String {
    if config.hub.database == "sqlite" {
        return config.hub.data.join("guildhall.sqlite").display().to_string();
    }
    let address = config.hub.database.split('?').next().unwrap_or_default();
    let place = address.rsplit_once('@').or_else(|| address.split_once("://")).map_or("", |(_, place)| place);
    format!("PostgreSQL ({place})")
}

fn told(manifest: &backup::Manifest) -> String {
    format!(
        "{} rows in {} tables, {} blobs, {} files",
        manifest.rows(),
        manifest.tables.len(),
        manifest.blobs,
        manifest.files()
    )
}
