//! `guildhall accounts ...`: people, their passwords and tokens, beside a running service.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches};
use kernel::Hub;
use people::{Actor, EVERYWHERE, Role, User};
use plug::Command;

use crate::audit::{self, Client, Deed};
use crate::{Config, hashing, password, scope, signup};

/// The commands of accounts.
pub fn commands() -> Vec<Command> {
    let name = || Arg::new("name").value_name("NAME").required(true).help("The name of the account");
    let stdin = || {
        let help = "Read the password from the first line of standard input";
        Arg::new("password-stdin").long("password-stdin").action(ArgAction::SetTrue).help(help)
    };
    vec![
        Command::new(
            clap::Command::new("add")
                .about("Make an account with a confirmed address")
                .after_help("Example: guildhall accounts add ann --email ann@example.org --admin")
                .arg(name())
                .arg(Arg::new("email").long("email").value_name("E").required(true).help("Its mail address"))
                .arg(Arg::new("display-name").long("display-name").value_name("TEXT").help("The name that people read"))
                .arg(Arg::new("admin").long("admin").action(ArgAction::SetTrue).help("It administers the hub"))
                .arg(stdin()),
            add,
        ),
        Command::new(
            clap::Command::new("passwd")
                .about("Set the password of an account; its sessions end")
                .after_help(
                    "Example: echo 'correct horse battery staple' | guildhall accounts passwd ann --password-stdin",
                )
                .arg(name())
                .arg(stdin()),
            passwd,
        ),
        Command::new(
            clap::Command::new("list")
                .about("List the accounts")
                .after_help("Example: guildhall accounts list --json")
                .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON, for programs")),
            list,
        ),
        Command::new(
            clap::Command::new("token")
                .about("Make an API token; it is printed once")
                .after_help("Example: guildhall accounts token ann --scope read write --label backup")
                .arg(name())
                .arg(
                    Arg::new("scope")
                        .long("scope")
                        .value_name("S")
                        .required(true)
                        .num_args(1..)
                        .action(ArgAction::Append)
                        .help("What it may: read, write, admin"),
                )
                .arg(
                    Arg::new("label")
                        .long("label")
                        .value_name("TEXT")
                        .default_value("command line")
                        .help("What it is for"),
                )
                .arg(
                    Arg::new("days")
                        .long("days")
                        .value_name("N")
                        .value_parser(clap::value_parser!(u32).range(1..=3650))
                        .help("It ends after so many days"),
                ),
            token,
        ),
    ]
}

fn word<'m>(matches: &'m ArgMatches, name: &str) -> &'m str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

async fn find(hub: &Hub, name: &str) -> anyhow::Result<User> {
    let found = people::user::by_name(&hub.store.read(), name).await?;
    found.with_context(|| format!("There is no account {name}. `guildhall accounts list` shows those there are."))
}

async fn add(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let (name, email, display) = (word(&matches, "name"), word(&matches, "email"), word(&matches, "display-name"));
    let hasher = hashing::Hasher::new(&Config::default());
    let known = [name, email, display, hub.settings.name.as_str()];
    let typed = if matches.get_flag("password-stdin") { Some(read_password()?) } else { None };
    let hash = match &typed {
        Some(typed) => Some(password::prepare(&hasher, typed, &known).await?),
        None => None,
    };
    let tx = hub.store.write().await?;
    let user = people::user::create(&tx, name, display, email, true, "active").await?;
    if let Some(hash) = hash {
        password::keep(&tx, user.id, hash).await?;
    }
    if matches.get_flag("admin") {
        people::user::grant(&tx, user.id, Role::Administrator, EVERYWHERE).await?;
        let (actor, client) = (Actor::system("console"), Client::console());
        audit::record(&tx, &actor, Deed::RoleGranted, Some(&user), &client, "administrator everywhere").await?;
    }
    signup::welcome(&tx, &user, &Client::console()).await?;
    let link = match typed {
        Some(_) => None,
        None => Some(password::reset_link(&tx, &hub, &Actor::system("console"), &user, &Client::console()).await?),
    };
    tx.commit().await?;
    let mut out = std::io::stdout();
    writeln!(out, "{} has an account.", user.name)?;
    if let Some(link) = link {
        writeln!(out, "A password is chosen at this link, once, within 30 minutes:\n{link}")?;
    }
    Ok(())
}

async fn passwd(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let user = find(&hub, word(&matches, "name")).await?;
    let (actor, client) = (Actor::system("console"), Client::console());
    let mut out = std::io::stdout();
    if !matches.get_flag("password-stdin") {
        let tx = hub.store.write().await?;
        let link = password::reset_link(&tx, &hub, &actor, &user, &client).await?;
        tx.commit().await?;
        writeln!(out, "{} chooses a password at this link, once, within 30 minutes:\n{link}", user.name)?;
        return Ok(());
    }
    let hasher = hashing::Hasher::new(&Config::default());
    let hash = password::prepare(&hasher, &read_password()?, &[&user.name, &user.display_name]).await?;
    let tx = hub.store.write().await?;
    password::change(&tx, &actor, &user, hash, None, &client).await?;
    tx.commit().await?;
    writeln!(out, "The password of {} is changed and its sessions have ended.", user.name)?;
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        bail!("--password-stdin reads a pipe: printf '%s' \"$PASSWORD\" | guildhall accounts ... --password-stdin");
    }
    stdin.lock().read_line(&mut line).context("The password cannot be read from standard input.")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn list(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let (wanted, mut number, mut rows) = (people::profile::Wanted::default(), 1, vec![]);
    loop {
        let page = people::profile::list(&hub.store.read(), &wanted, store::Paging::new(number, 500)).await?;
        let is_last = number >= page.pages();
        rows.extend(page.items);
        if is_last {
            break;
        }
        number += 1;
    }
    if matches.get_flag("json") {
        let rows: Vec<_> = rows
            .iter()
            .map(|user| {
                serde_json::json!({
                    "name": user.name, "display_name": user.display_name, "state": user.state,
                    "created_at": user.created_at, "seen_at": user.seen_at,
                })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    let width = rows.iter().map(|user| user.name.len()).max().unwrap_or(4).max(4);
    writeln!(out, "{:width$}  {:8}  {:10}  {:10}  PEOPLE READ", "NAME", "STATE", "JOINED", "SEEN")?;
    for user in rows {
        let seen = user.seen_at.map_or_else(|| "never".into(), |at| at.format("%Y-%m-%d").to_string());
        let joined = user.created_at.format("%Y-%m-%d");
        writeln!(out, "{:width$}  {:8}  {joined}  {seen:10}  {}", user.name, user.state, user.display_name)?;
    }
    Ok(())
}

async fn token(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let user = find(&hub, word(&matches, "name")).await?;
    let asked: Vec<&str> = matches.get_many::<String>("scope").into_iter().flatten().map(String::as_str).collect();
    let life = matches.get_one::<u32>("days").map(|days| chrono::Duration::days(i64::from(*days)));
    let tx = hub.store.write().await?;
    let (actor, client) = (Actor::system("console"), Client::console());
    let secret = scope::issue(&tx, &actor, &user, word(&matches, "label"), &asked, life, &client).await?;
    tx.commit().await?;
    writeln!(std::io::stdout().lock(), "{secret}")?;
    Ok(())
}
