//! `guildhall site`: build a folder into files, show a doctree, go back to the build before.

use std::path::PathBuf;

use kernel::{Clock, Templates, Theme};
use plug::Command;
use plug::clap::{self, Arg, ArgMatches, value_parser};

use crate::export::export;
use crate::{doctree, publish};

/// The words below `guildhall site`.
pub fn commands() -> Vec<Command> {
    let folder = |name: &'static str| Arg::new(name).required(true).value_parser(value_parser!(PathBuf));
    let build = clap::Command::new("build")
        .about("Build a folder of Markdown and reST into a site that needs no server")
        .arg(folder("SRC"))
        .arg(folder("OUT"))
        .after_help("Example: guildhall site build docs /var/www/docs");
    let rollback = clap::Command::new("rollback")
        .about("Show the build before the present one")
        .arg(Arg::new("SITE").default_value("site"))
        .after_help("Example: guildhall site rollback");
    vec![
        Command::alone(build, |matches| build_files(&matches)),
        Command::alone(doctree::command(), |matches| doctree::print(&matches)),
        Command::new(rollback, |hub, matches| async move {
            let site = matches.get_one::<String>("SITE").cloned().unwrap_or_default();
            let tx = hub.store.write().await?;
            let back = publish::roll_back(&tx, &site).await?;
            let back = back.ok_or_else(|| anyhow::anyhow!("The site {site} has no build before this one"))?;
            tx.commit().await?;
            println!("Build {back} of {site} is shown again.");
            Ok(())
        }),
    ]
}

fn build_files(matches: &ArgMatches) -> anyhow::Result<()> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let (from, out) = (path("SRC"), path("OUT"));
    anyhow::ensure!(from.is_dir(), "{} is not a folder", from.display());
    let clock = Clock::machine();
    let templates = Templates::load(Theme::load(None)?, clock.clone())?;
    let made = export(&templates, &from, &out, clock.now())?;
    for warning in &made.warnings {
        eprintln!("{warning}");
    }
    println!("{} pages, {} files, {} warnings", made.pages.len(), made.assets.len(), made.warnings.len());
    Ok(())
}
