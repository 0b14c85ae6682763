//! `guildhall lists members add|remove|list|sync`.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::Context;
use clap::{Arg, ArgMatches, Command as Clap};
use kernel::Hub;
use mail::Address;
use people::participant::{canonical, is_address};
use store::Paging;

use super::{actor, json_arg, list_arg, named, word};
use crate::list::List;
use crate::{member, query};

/// Members of one transaction, so that the hub beside it is not kept waiting.
const BATCH: usize = 500;

/// The command and its words.
pub fn clap() -> Clap {
    let addresses = || Arg::new("address").required(true).num_args(1..).value_name("ADDRESS");
    Clap::new("members")
        .about("Add, remove and list the members of a list")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Example:\n  guildhall lists members add dev ann@example.org bob@example.org")
        .subcommand(
            Clap::new("add")
                .about("Make addresses members; they are not asked")
                .after_help("Example:\n  guildhall lists members add dev 'Ann <ann@example.org>'")
                .arg(list_arg())
                .arg(addresses().help("Addresses, with or without a name")),
        )
        .subcommand(
            Clap::new("remove")
                .about("End memberships")
                .after_help("Example:\n  guildhall lists members remove dev ann@example.org")
                .arg(list_arg())
                .arg(addresses().help("Addresses")),
        )
        .subcommand(
            Clap::new("list")
                .about("Show the members")
                .after_help("Example:\n  guildhall lists members list dev --json")
                .arg(list_arg())
                .arg(json_arg()),
        )
        .subcommand(
            Clap::new("sync")
                .about("Let the members be those of a file: others are removed, missing ones added")
                .after_help("Example:\n  guildhall lists members sync dev members.txt")
                .arg(list_arg())
                .arg(
                    Arg::new("file")
                        .required(true)
                        .value_name("FILE")
                        .help("One address a line; - is the standard input"),
                ),
        )
}

/// Runs one of the words.
pub async fn run(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let Some((what, matches)) = matches.subcommand() else { return Ok(()) };
    let list = named(&hub, matches).await?;
    match what {
        "add" => {
            let lines: Vec<String> = matches.get_many::<String>("address").into_iter().flatten().cloned().collect();
            let (added, known) = add(&hub, &list, &read(&lines)?).await?;
            println!("{added} added, {known} were members already.");
        }
        "remove" => {
            let lines: Vec<String> = matches.get_many::<String>("address").into_iter().flatten().cloned().collect();
            println!("{} removed.", remove(&hub, &list, read(&lines)?.keys().cloned().collect()).await?);
        }
        "sync" => sync(&hub, &list, &word(matches, "file")).await?,
        _ => show(&hub, &list, matches.get_flag("json")).await?,
    }
    Ok(())
}

/// The addresses in lines, by their canonical form, each with its name. One that is none is an error before anything is done.
fn read(lines: &[String]) -> anyhow::Result<BTreeMap<String, Address>> {
    let mut found = BTreeMap::new();
    for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let addresses = Address::parse_list(line);
        anyhow::ensure!(
            !addresses.is_empty() && addresses.iter().all(|address| is_address(&address.address)),
            "{line} is not a mail address. Nothing was changed."
        );
        found.extend(addresses.into_iter().map(|address| (canonical(&address.address), address)));
    }
    Ok(found)
}

async fn add(hub: &Hub, list: &List, addresses: &BTreeMap<String, Address>) -> anyhow::Result<(u64, u64)> {
    let (mut added, mut known) = (0, 0);
    let addresses: Vec<&Address> = addresses.values().collect();
    for batch in addresses.chunks(BATCH) {
        let tx = hub.store.write().await?;
        for address in batch {
            match member::add(&tx, &actor(), list, &address.name, &address.address).await? {
                true => added += 1,
                false => known += 1,
            }
        }
        tx.commit().await?;
    }
    Ok((added, known))
}

async fn remove(hub: &Hub, list: &List, addresses: Vec<String>) -> anyhow::Result<u64> {
    let mut removed = 0;
    for batch in addresses.chunks(BATCH) {
        let tx = hub.store.write().await?;
        for address in batch {
            removed += u64::from(member::remove(&tx, &actor(), list, address, "removed by an administrator").await?);
        }
        tx.commit().await?;
    }
    Ok(removed)
}

async fn sync(hub: &Hub, list: &List, file: &str) -> anyhow::Result<()> {
    let mut text = String::new();
    if file == "-" {
        std::io::stdin().read_to_string(&mut text).context("The standard input could not be read.")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("{file} could not be read."))?;
    }
    let wanted = read(&text.lines().map(str::to_owned).collect::<Vec<_>>())?;
    anyhow::ensure!(
        !wanted.is_empty(),
        "{file} names no address. Nothing was changed; a list is emptied with `members remove`."
    );
    let present = query::addresses(&hub.store.read(), list.id).await?;
    let gone = present.into_iter().filter(|address| !wanted.contains_key(address)).collect();
    let removed = remove(hub, list, gone).await?;
    let (added, known) = add(hub, list, &wanted).await?;
    println!("{added} added, {removed} removed, {known} stay.");
    Ok(())
}

async fn show(hub: &Hub, list: &List, json: bool) -> anyhow::Result<()> {
    let conn = hub.store.read();
    let mut rows = Vec::new();
    for number in 1.. {
        let page = query::members(&conn, list.id, true, "", Paging::new(number, 500)).await?;
        let is_last = number >= page.pages();
        rows.extend(page.items);
        if is_last {
            break;
        }
    }
    if json {
        let row = |row: &member::Member| {
            serde_json::json!({
                "address": row.address, "name": row.name, "delivery": row.delivery, "moderation": row.moderation,
                "joined_at": row.joined_at, "bounce_score": row.bounce_score,
            })
        };
        println!("{}", serde_json::to_string_pretty(&rows.iter().map(row).collect::<Vec<_>>())?);
        return Ok(());
    }
    println!("{:<40} {:<10} NAME", "ADDRESS", "DELIVERY");
    for row in rows {
        println!("{:<40} {:<10} {}", row.address, row.delivery, row.name);
    }
    Ok(())
}
