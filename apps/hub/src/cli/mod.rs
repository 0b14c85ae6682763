//! The command line: `guildhall <word> ...`. The words are listed in `docs/admin/commands.md`.

mod backup;
pub mod check;
mod doctor;
pub mod hook;
mod journal;
pub mod log;
mod mail;
mod migrate;
mod theme;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Arg, ArgMatches, Command, value_parser};

use plug::Run;

use crate::config::{self, Config};
use crate::modules;
use crate::node;
use crate::open::{Migrate, open};

/// The whole command line.
pub fn command() -> Command {
    let mut command = Command::new("guildhall")
        .about("One service that gives a software project everything its people share")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Example: guildhall serve --data /var/lib/guildhall")
        .arg(path("config", "FILE").help("The configuration; by default DIR/guildhall.toml when it is there"))
        .arg(path("data", "DIR").help("The data directory; by default ./guildhall-data"))
        .arg(
            Arg::new("verbose").long("verbose").short('v').action(clap::ArgAction::Count).global(true).help("Log more"),
        )
        .subcommand(
            Command::new("serve")
                .about("Run the service")
                .after_help("Example: guildhall serve --data /var/lib/guildhall"),
        )
        .subcommand(crate::demo::command())
        .subcommand(check::command())
        .subcommand(doctor::command())
        .subcommand(backup::command())
        .subcommand(backup::restore_command())
        .subcommand(migrate::command())
        .subcommand(migrate::replay_command())
        .subcommand(journal::command())
        .subcommand(mail::command())
        .subcommand(theme::command())
        .subcommand(hook::command())
        .subcommand(
            Command::new("completions")
                .about("Print completions for a shell")
                .arg(Arg::new("shell").required(true).value_parser(value_parser!(clap_complete::Shell)))
                .after_help("Example: guildhall completions bash > /etc/bash_completion.d/guildhall"),
        );
    for (name, about, words) in modules::commands() {
        if !words.is_empty() {
            let words = words.into_iter().map(|word| word.clap);
            command = command.subcommand(Command::new(name).about(about).subcommand_required(true).subcommands(words));
        }
    }
    with_examples(command)
}

/// Lets a command that only leads to others show the example of its first one.
fn with_examples(command: Command) -> Command {
    let command = command.mut_subcommands(with_examples);
    let example = command.get_subcommands().find_map(Command::get_after_help).cloned();
    match example {
        Some(example) if command.get_after_help().is_none() => command.after_help(example),
        _ => command,
    }
}

/// What was typed; help and faults end the program.
pub fn matches() -> ArgMatches {
    command().try_get_matches().unwrap_or_else(|fault| {
        let typed: Vec<_> = std::env::args_os().collect();
        // A mail server reads the status of this command.
        if fault.use_stderr() && ["mail", "deliver"].iter().all(|word| typed.iter().any(|typed| typed == word)) {
            let _ = fault.print();
            std::process::exit(mail::EX_USAGE.into());
        }
        fault.exit()
    })
}

fn path(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).global(true).value_parser(value_parser!(PathBuf))
}

/// What went wrong, and the status for it: a mail server tries again, whatever the hub lacks.
pub fn failed_at(matches: &ArgMatches, error: &anyhow::Error) -> ExitCode {
    let status = failed(error);
    if mail::delivers(matches) { ExitCode::from(mail::EX_TEMPFAIL) } else { status }
}

/// Runs what was asked for.
pub async fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let Some((word, inner)) = matches.subcommand() else { return Ok(ExitCode::FAILURE) };
    if word == "completions" {
        if let Some(shell) = inner.get_one::<clap_complete::Shell>("shell") {
            let mut script = vec![];
            clap_complete::generate(*shell, &mut command(), "guildhall", &mut script);
            std::io::stdout().write_all(&script)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if word == "demo" {
        crate::demo::run(inner).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if word == "check" && inner.get_flag("sample") {
        std::io::stdout().write_all(crate::sample::sample().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let loaded = load(inner);
    if word == "check" && inner.get_flag("alive") {
        return Ok(check::alive(loaded).await);
    }
    if word == "check" {
        return Ok(check::run(loaded));
    }
    let config = loaded.map_err(|faults| anyhow::anyhow!("{}", check::told(&faults)))?;
    if word == "theme" {
        theme::run(&config, inner)?;
        return Ok(ExitCode::SUCCESS);
    }
    expect_a_hub(&config, word, inner)?;
    match word {
        "serve" => serve(&config).await?,
        "migrate" => migrate::run(&config, inner).await?,
        "doctor" => return doctor::run(&config, inner).await,
        "backup" => backup::run(&config, inner).await?,
        "restore" => return backup::restore(&config, inner).await,
        "replay" => migrate::replay(&config, inner).await?,
        "journal" => journal::run(&config, inner).await?,
        "mail" => return mail::run(&config, inner).await,
        word => module(&config, word, inner).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration that `--config`, `--data` and the environment name.
fn load(matches: &ArgMatches) -> Result<Config, Vec<config::Fault>> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let given = |name| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    config::load(given("config"), given("data"), &environment).map(|mut config| {
        if given("data").is_none() && config.hub.data.is_relative() {
            let beside = given("config").and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
            config.hub.data = beside.unwrap_or(Path::new(".")).join(&config.hub.data);
        }
        config
    })
}

/// Refuses a command that would look at a hub that is not there; `serve`, `migrate` and the first account make one.
/// A dry run makes nothing.
fn expect_a_hub(config: &Config, word: &str, inner: &ArgMatches) -> anyhow::Result<()> {
    let makes = match word {
        "serve" | "site" | "restore" => true,
        "migrate" => !inner.get_flag("dry-run"),
        "accounts" => inner.subcommand_name() == Some("add"),
        _ => false,
    };
    let there = config.hub.database != "sqlite" || config.hub.data.join("guildhall.sqlite").exists();
    anyhow::ensure!(
        makes || there,
        "There is no hub in {}. Say --data DIR where it is, or make one with `guildhall serve`",
        config.hub.data.display()
    );
    Ok(())
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let data = std::path::absolute(&config.hub.data)?;
    std::fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let _serving = node::lock(&data)?;
    let hub = open(config, Migrate::Yes).await?;
    modules::prepare(&hub, config).await?;
    let modules = modules::modules(&hub, config);
    crate::serve::serve(config, hub, modules).await
}

async fn module(config: &Config, word: &str, matches: &ArgMatches) -> anyhow::Result<()> {
    let (_, _, commands) = modules::commands()
        .into_iter()
        .find(|(name, _, _)| *name == word)
        .ok_or_else(|| anyhow::anyhow!("There is no command {word}."))?;
    let (name, inner) = matches.subcommand().ok_or_else(|| anyhow::anyhow!("guildhall {word} needs another word."))?;
    let command = commands
        .into_iter()
        .find(|command| command.clap.get_name() == name)
        .ok_or_else(|| anyhow::anyhow!("There is no command {word} {name}."))?;
    match command.run {
        Run::Alone(run) => run(inner.clone()),
        Run::WithHub(run) => {
            let hub = open(config, Migrate::Yes).await?;
            modules::prepare(&hub, config).await?;
            run(hub, inner.clone()).await
        }
    }
}

/// One sentence on standard error, and a status that is not 0; nothing when whoever read the output has enough, as
/// `| head` has.
pub fn failed(error: &anyhow::Error) -> ExitCode {
    let written = error.downcast_ref::<std::io::Error>();
    if written.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    let causes: Vec<String> = error.chain().map(|cause| cause.to_string().trim_end_matches('.').to_owned()).collect();
    eprintln!("guildhall: {}.", causes.join(": "));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::command;

    /// The words of a line for the shell, up to where it leads its input or output elsewhere.
    fn typed(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (vec![], None::<String>, None);
        // What the shell puts in for itself is one word, or part of one.
        for letter in line.replace("$(date +%F)", "2026-11-21").chars() {
            match (letter, quote) {
                ('\'' | '"', None) => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                (letter, Some(open)) if letter == open => quote = None,
                (' ', None) => words.extend(word.take()),
                ('<' | '>' | '|' | '#', None) if word.is_none() => break,
                (letter, _) => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }

    /// The examples that a command shows, and whether each is a call of it.
    fn examples(of: &Command, path: &str, seen: &mut usize) {
        let shown = of.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> =
            shown.lines().filter_map(|line| line.trim().split_once("guildhall ")).map(|(_, rest)| rest).collect();
        assert!(shown.contains("Example") && !lines.is_empty(), "`{path} --help` has no example");
        // Behind its own example others may stand, of what comes next.
        assert!(format!("guildhall {}", lines[0]).starts_with(path), "`{path} --help` shows `{}`", lines[0]);
        for line in lines {
            let whole = format!("guildhall {line}");
            let parsed = command().try_get_matches_from(typed(&whole));
            assert!(parsed.is_ok(), "`{whole}`, shown by `{path} --help`: {}", parsed.expect_err("it is refused"));
            *seen += 1;
        }
        for word in of.get_subcommands().filter(|word| word.get_name() != "help") {
            examples(word, &format!("{path} {}", word.get_name()), seen);
        }
    }

    #[test]
    fn the_help_of_every_command_has_an_example_that_is_one() {
        assert_eq!(typed("a 'b c' '#d' e=\"f g\" < h"), ["a", "b c", "#d", "e=f g"]);
        let mut seen = 0;
        examples(&command(), "guildhall", &mut seen);
        assert!(seen > 50, "{seen} examples");
    }

    /// What stands in `code` or in a block of code, by line.
    fn shown(text: &str) -> Vec<String> {
        let (mut found, mut block) = (vec![], false);
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                block = !block;
            } else if block {
                found.push(line.trim().to_owned());
            } else {
                found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            }
        }
        found
    }

    fn manual(folder: &std::path::Path, pages: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("the manual").flatten() {
            match entry.path() {
                path if path.is_dir() => manual(&path, pages),
                path if path.extension().is_some_and(|end| end == "md" || end == "rst") => pages.push(path),
                _ => {}
            }
        }
    }

    /// What comes after `guildhall` in a line for the shell or for cron, also for another user.
    fn words_of(line: &str) -> Option<&str> {
        let mut rest = line.trim_start_matches(['$', '#', ' ']);
        let is_time = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || "*/-,".contains(c));
        if line.split_whitespace().take(5).filter(|word| is_time(word)).count() == 5 {
            for _ in 0..5 {
                rest = rest.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
            }
            rest = rest.trim_start();
        }
        rest = rest.strip_prefix("sudo ").unwrap_or(rest);
        if let Some(user) = rest.strip_prefix("-u ") {
            rest = user.split_once(' ').map_or("", |(_, rest)| rest);
        }
        rest = rest.strip_prefix("podman exec guildhall ").unwrap_or(rest);
        // `guildhall.new` is the next one, before it is in its place.
        let words = rest.strip_prefix("guildhall ").or_else(|| rest.strip_prefix("guildhall.new "))?;
        // `guildhall unix` begins a service of Postfix, not a command.
        (!words.starts_with("unix ")).then_some(words)
    }

    #[test]
    fn commands_are_found_behind_users_and_times() {
        for line in [
            "guildhall lists list",
            "$ guildhall lists list",
            "sudo guildhall lists list",
            "sudo -u guildhall guildhall lists list",
            "sudo -u guildhall guildhall.new lists list",
            "15 3 * * *  guildhall lists list",
            "*/5 0-6 1,2 * *  sudo -u guildhall guildhall lists list",
            "podman exec guildhall guildhall lists list",
        ] {
            assert_eq!(words_of(line), Some("lists list"), "{line}");
        }
        for line in ["guildhall unix - n n - - pipe", "15 3 * * *  find . -delete", "usermod -aG x guildhall", "1 2 3"]
        {
            assert_eq!(words_of(line), None, "{line}");
        }
    }

    #[test]
    fn every_command_in_the_manual_is_one() {
        let mut pages = vec![];
        manual(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs"), &mut pages);
        let mut checked = 0;
        for page in pages {
            let text = std::fs::read_to_string(&page).expect("a page");
            for line in shown(&text) {
                let Some(rest) = words_of(&line) else { continue };
                let mut at = command();
                for word in rest.split_whitespace() {
                    let word = if word.starts_with("[--") { word.trim_matches(['[', ']']) } else { word };
                    if let Some(option) = word.strip_prefix("--") {
                        let option = option.split(['=', ']']).next().unwrap_or_default();
                        let global = ["config", "data", "verbose", "help", "version"].contains(&option);
                        let known = at.get_arguments().any(|arg| arg.get_long() == Some(option));
                        assert!(
                            global || known,
                            "{}: `{line}` has --{option}, which {} does not take",
                            page.display(),
                            at.get_name()
                        );
                        continue;
                    }
                    if !at.has_subcommands() || !word.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
                        continue;
                    }
                    let next = at.get_subcommands().find(|sub| sub.get_name() == word).cloned();
                    at = next.unwrap_or_else(|| panic!("{}: there is no `{word}` in `{line}`", page.display()));
                    checked += 1;
                }
            }
        }
        assert!(checked > 30, "the manual names commands: {checked}");
    }
}
