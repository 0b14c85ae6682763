//! `guildhall site`: build a folder into files, show a doctree, go back to the build before.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use kernel::{Clock, Templates, Theme};
use plug::Command;
use plug::clap::{self, Arg, ArgAction, ArgMatches, value_parser};

use crate::export::export;
use crate::publish;

/// The words below `guildhall site`.
pub fn commands() -> Vec<Command> {
    let folder = |name: &'static str| Arg::new(name).required(true).value_parser(value_parser!(PathBuf));
    let build = clap::Command::new("build")
        .about("Build a folder of Markdown and reST into a site that needs no server")
        .arg(folder("SRC"))
        .arg(folder("OUT"))
        .after_help("Example: guildhall site build docs /var/www/docs");
    let doctree = clap::Command::new("doctree")
        .about("Print the document tree of reST as docutils' pseudo-XML")
        .arg(Arg::new("FILE").value_parser(value_parser!(PathBuf)).help("By default standard input"))
        .arg(
            Arg::new("batch")
                .long("batch")
                .action(ArgAction::SetTrue)
                .help("Answer JSON lines, for the conformance suite"),
        )
        .after_help("Example: guildhall site doctree README.rst");
    let rollback = clap::Command::new("rollback")
        .about("Show the build before the present one")
        .arg(Arg::new("SITE").default_value("site"))
        .after_help("Example: guildhall site rollback");
    vec![
        Command::alone(build, |matches| build_files(&matches)),
        Command::alone(doctree, |matches| print_doctree(&matches)),
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

/// Files as they lie on the disk, for a person who runs the command on files of their own.
struct Disk;

impl rst::Files for Disk {
    fn read(&self, path: &str, from: &str, _encoding: Option<&str>) -> Result<rst::File, String> {
        let place = Path::new(from).parent().unwrap_or(Path::new("")).join(path);
        let text = std::fs::read(&place).map_err(|error| format!("{}: {error}", place.display()))?;
        Ok(rst::File { path: place.display().to_string(), text: String::from_utf8_lossy(&text).into_owned() })
    }
}

fn print_doctree(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if matches.get_flag("batch") {
        for line in std::io::stdin().lock().lines() {
            writeln!(out, "{}", rst::batch::answer_line(&line?, &Disk, None))?;
            out.flush()?;
        }
        return Ok(());
    }
    let (name, text) = match matches.get_one::<PathBuf>("FILE") {
        Some(path) => (path.display().to_string(), std::fs::read_to_string(path)?),
        None => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text)?;
            ("<stdin>".to_owned(), text)
        }
    };
    let document = rst::parse(&text, &rst::Options { files: &Disk, ..rst::Options::new(&name) });
    write!(out, "{}", rst::pseudo_xml(&document))?;
    Ok(out.flush()?)
}
