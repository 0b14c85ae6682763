//! The commands `guildhall lists ...`.

mod archive;
mod members;

use clap::{Arg, ArgAction, ArgMatches, Command as Clap};
use kernel::Hub;
use people::Actor;
use plug::Command;

use crate::list::{self, List, STYLES};
use crate::{Refusal, notice, query};

/// All commands of this app.
pub fn commands() -> Vec<Command> {
    vec![
        Command::new(new_clap(), new),
        Command::new(list_clap(), list_all),
        Command::new(members::clap(), members::run),
        Command::new(archive::import_clap(), archive::import),
        Command::new(archive::export_clap(), archive::export),
    ]
}

/// Whoever sits at the machine's command line may everything.
fn actor() -> Actor {
    Actor::system("command line")
}

fn word(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

fn list_arg() -> Arg {
    Arg::new("list").required(true).value_name("LIST").help("The list: dev or dev@hub.example.org")
}

fn json_arg() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Write JSON for programs")
}

/// The list that a command names.
async fn named(hub: &Hub, matches: &ArgMatches) -> anyhow::Result<List> {
    let name = list::name_of(hub, &word(matches, "list"))?;
    match list::named(&hub.store.read(), &name).await {
        Err(refusal @ Refusal::NoSuchList(_)) => {
            Err(anyhow::anyhow!("{refusal} `guildhall lists list` shows all of them"))
        }
        found => Ok(found?),
    }
}

fn new_clap() -> Clap {
    let styles: Vec<String> = STYLES.iter().map(|(word, help)| format!("  {word:<11} {help}")).collect();
    Clap::new("new")
        .about("Make a mailing list")
        .after_help(format!(
            "Styles:\n{}\n\nExample:\n  guildhall lists new dev --title Development\n  guildhall lists new news@hub.example.org --style announce",
            styles.join("\n")
        ))
        .arg(Arg::new("address").required(true).value_name("ADDRESS").help("Its address, or the part before the @"))
        .arg(Arg::new("style").long("style").default_value("discussion").value_name("STYLE").help("How it begins"))
        .arg(Arg::new("title").long("title").value_name("TITLE").help("What people call it"))
}

async fn new(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let name = list::name_of(&hub, &word(&matches, "address"))?;
    let tx = hub.store.write().await?;
    let list = list::create(&tx, &actor(), &name, &word(&matches, "title"), &word(&matches, "style")).await?;
    tx.commit().await?;
    let shown = notice::describe(&hub, &list);
    println!("{} is there: {}", shown.address, shown.link);
    Ok(())
}

fn list_clap() -> Clap {
    Clap::new("list").about("Show all mailing lists").after_help("Example:\n  guildhall lists list").arg(json_arg())
}

async fn list_all(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let conn = hub.store.read();
    let members = query::member_counts(&conn).await?;
    let lists = query::all_lists(&conn).await?;
    if matches.get_flag("json") {
        let rows: Vec<_> = lists
            .iter()
            .map(|list| {
                serde_json::json!({
                    "name": list.name, "address": notice::describe(&hub, list).address, "title": list.title,
                    "posts": list.post_count, "members": members.get(&list.id).unwrap_or(&0), "archive": list.audience,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    println!("{:<24} {:>8} {:>8}  TITLE", "LIST", "POSTS", "MEMBERS");
    for list in &lists {
        println!("{:<24} {:>8} {:>8}  {}", list.name, list.post_count, members.get(&list.id).unwrap_or(&0), list.title);
    }
    Ok(())
}
