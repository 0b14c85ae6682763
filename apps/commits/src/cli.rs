//! `guildhall commits ...`

use anyhow::bail;
use comfy_table::Table;
use kernel::Hub;
use people::Actor;
use plug::Command;
use plug::clap::{self, Arg, ArgAction, ArgMatches};
use serde_json::json;

use crate::repository::{self, Settings};
use crate::{install, query, url};

/// The words below `guildhall commits`.
pub fn commands() -> Vec<Command> {
    vec![Command::new(add_words(), add), Command::new(hook_words(), hook), Command::new(list_words(), list)]
}

fn add_words() -> clap::Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    clap::Command::new("add")
        .about("Registers a repository on this machine")
        .arg(Arg::new("name").value_name("NAME").required(true).help("As it stands in addresses and mails"))
        .arg(Arg::new("path").value_name("PATH").required(true).help("The folder of the repository itself"))
        .arg(option("vcs", "VCS", "git, svn or hg; else as the folder tells"))
        .arg(option("list", "ADDRESS", "Where its commits are mailed"))
        .arg(option("channel", "CHANNEL", "The channel in which it is announced"))
        .arg(option("tracker", "TRACKER", "The tracker that #12 means; else the default one"))
        .arg(option("closes-on", "BRANCHES", "Branches on which commits close issues, such as \"main release/*\"; else all"))
        .arg(option("description", "TEXT", "What it is, in one sentence"))
        .arg(option("audience", "WHO", "Who may see it: public or members"))
        .after_help("Example: guildhall commits add pypy /srv/git/pypy.git --list commits@hub.example.org\n         guildhall commits hook install pypy")
}

async fn add(hub: Hub, given: ArgMatches) -> anyhow::Result<()> {
    let get = |name: &str| given.get_one::<String>(name).cloned().unwrap_or_default();
    let path = std::env::current_dir()?.join(get("path"));
    let settings = Settings {
        name: get("name"),
        vcs: get("vcs"),
        path: path.to_string_lossy().into_owned(),
        description: get("description"),
        list_address: get("list"),
        channel: get("channel"),
        tracker: get("tracker"),
        closes_on: get("closes-on"),
        audience: get("audience"),
    };
    let checked = repository::check(settings).await?;
    let tx = hub.store.write().await?;
    let added = repository::add(&tx, &Actor::system("cli"), checked).await?;
    tx.commit().await?;
    println!("{} is registered: {}", added.name, hub.url(&url::repository(&added.name)));
    if added.list_address.ends_with(&format!("@{}", hub.settings.mail_domain)) {
        let sender = hub.settings.address("commits");
        println!(
            "Its mails come from {sender}: make that a member of {}, or let others than members post.",
            added.list_address
        );
    }
    println!("Next: guildhall commits hook install {}", added.name);
    Ok(())
}

fn hook_words() -> clap::Command {
    let install = clap::Command::new("install")
        .about("Writes the hook into a repository, so that its pushes are told")
        .arg(Arg::new("name").value_name("NAME").required(true))
        .after_help("Example: guildhall commits hook install pypy");
    clap::Command::new("hook")
        .about("The hooks of repositories")
        .subcommand_required(true)
        .subcommand(install)
        .after_help("Example: guildhall commits hook install pypy")
}

async fn hook(hub: Hub, given: ArgMatches) -> anyhow::Result<()> {
    let Some(("install", given)) = given.subcommand() else {
        bail!("Say what to do: guildhall commits hook install NAME.")
    };
    let name = given.get_one::<String>("name").cloned().unwrap_or_default();
    let Some(repository) = query::by_name(&hub.store.read(), &name).await? else {
        bail!("There is no repository called {name}. `guildhall commits list` shows them.")
    };
    let path = install::install(&hub, &repository).await?;
    println!("{} tells of its pushes now: {}", repository.name, path.display());
    if let Some(spool) = install::closed_spool(&hub, &repository) {
        println!("Let whoever pushes write into {} (docs/admin/hooks.md, The spool).", spool.display());
    }
    Ok(())
}

fn list_words() -> clap::Command {
    clap::Command::new("list")
        .about("Lists the repositories")
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("For programs"))
        .after_help("Example: guildhall commits list --json")
}

async fn list(hub: Hub, given: ArgMatches) -> anyhow::Result<()> {
    let repositories = query::repositories(&hub.store.read(), &Actor::system("cli")).await?;
    if given.get_flag("json") {
        let rows: Vec<_> = repositories
            .iter()
            .map(|r| {
                json!({ "name": r.name, "vcs": r.vcs, "path": r.path, "list": r.list_address, "channel": r.channel,
                "tracker": r.tracker, "audience": r.audience, "pushed_at": r.pushed_at })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(["NAME", "VCS", "PATH", "LIST", "LAST PUSH"]);
    for r in repositories {
        let pushed = r.pushed_at.map(kernel::exact).unwrap_or_default();
        table.add_row([r.name, r.vcs, r.path, r.list_address, pushed]);
    }
    println!("{table}");
    Ok(())
}
