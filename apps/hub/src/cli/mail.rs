//! `guildhall mail`: hand in a message, look at the outgoing queue.

use std::io::Read;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use mail::fate::Line;
use mail::inbound::Envelope;
use mail::outbound::{self, OutboxFilter, State};
use mail::{Message, Rcpt};

use crate::config::Config;
use crate::modules;
use crate::open::{Migrate, open};
use crate::serve::House;

// sysexits.h: what a mail server makes of an exit status.
pub const EX_USAGE: u8 = 64;
const EX_DATAERR: u8 = 65;
const EX_NOUSER: u8 = 67;
const EX_UNAVAILABLE: u8 = 69;
pub const EX_TEMPFAIL: u8 = 75;

pub fn command() -> Command {
    let number = || Arg::new("number").required(true).value_name("N").value_parser(value_parser!(i64));
    Command::new("mail")
        .about("Hand in a message, or look at the outgoing queue")
        .subcommand_required(true)
        .subcommand(
            Command::new("deliver")
                .about("Take one message from standard input, for the pipe of a mail server; exit status of sysexits.h")
                .arg(
                    Arg::new("to")
                        .long("to")
                        .value_name("ADDR")
                        .action(ArgAction::Append)
                        .num_args(1..)
                        .help("Recipients; by default To and Cc"),
                )
                .arg(
                    Arg::new("from")
                        .long("from")
                        .value_name("ADDR")
                        // A mail server hands on whatever somebody wrote as their address.
                        .allow_hyphen_values(true)
                        .help("The envelope sender, empty for none; by default From"),
                )
                .after_help(
                    "Exit status: 0 taken, 64 no such option or no recipient, 65 empty or too large, 67 nobody has the \
                     address, 69 it takes no mail, 75 try again later.\n\
                     Example: guildhall mail deliver --to dev@hub.example.org < message",
                ),
        )
        .subcommand(
            Command::new("queue")
                .about("List what waits to go out or has failed")
                .arg(Arg::new("json").long("json").action(ArgAction::SetTrue))
                .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("Also what was sent"))
                .after_help("Example: guildhall mail queue --json"),
        )
        .subcommand(
            Command::new("retry")
                .about("Try a mail again now")
                .arg(number())
                .after_help("Example: guildhall mail retry 12"),
        )
        .subcommand(
            Command::new("drop").about("Give a mail up").arg(number()).after_help("Example: guildhall mail drop 12"),
        )
}

pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    if let Some(("deliver", inner)) = matches.subcommand() {
        return deliver(config, inner).await;
    }
    let hub = open(config, Migrate::Yes).await?;
    match matches.subcommand() {
        Some(("queue", inner)) => queue(&hub, inner).await?,
        Some((word, inner)) => {
            let number = inner.get_one::<i64>("number").copied().unwrap_or_default();
            let tx = hub.store.write().await?;
            let found =
                if word == "retry" { outbound::retry(&tx, number).await? } else { outbound::drop(&tx, number).await? };
            anyhow::ensure!(
                found,
                "There is no mail {number} that waits or has failed; `guildhall mail queue` lists them"
            );
            tx.commit().await?;
        }
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether these words hand a mail in, so that what goes wrong is tried again.
pub fn delivers(matches: &ArgMatches) -> bool {
    matches.subcommand_matches("mail").is_some_and(|mail| mail.subcommand_name() == Some("deliver"))
}

async fn deliver(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let mut raw = Vec::new();
    let limit = config.mail.max_size.0 as u64 + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut raw)?;
    let message = Message::parse(&raw);
    let given: Vec<String> = matches.get_many::<String>("to").map(|to| to.cloned().collect()).unwrap_or_default();
    let named = message.to.iter().chain(&message.cc).map(|address| address.address.clone());
    let is_asked = !given.is_empty();
    let to = if is_asked { given } else { named.collect() };
    let from = matches.get_one::<String>("from").cloned().unwrap_or_else(|| message.from.address.clone());
    if raw.len() as u64 == limit || raw.is_empty() {
        let why = format!("The message is empty or larger than {}.", config.mail.max_size);
        return Ok(refuse(EX_DATAERR, &why, &from, to));
    }
    if to.is_empty() {
        let why = "The message names nobody in To or Cc; say --to ADDR.";
        return Ok(refuse(EX_USAGE, why, &from, to));
    }
    let rcpts: Vec<Rcpt> = to.iter().filter_map(|to| Rcpt::parse(to)).collect();
    let bad: Vec<String> = to.into_iter().filter(|to| Rcpt::parse(to).is_none()).collect();
    // Of what the headers name, that is passed over beside addresses; what was asked for is refused as a whole.
    if let (true, Some(first)) = (rcpts.is_empty() || is_asked, bad.first()) {
        let why = format!("{first} is not a mail address.");
        return Ok(refuse(EX_NOUSER, &why, &from, bad));
    }
    let hub = open(config, Migrate::Yes).await?;
    modules::prepare(&hub, config).await?;
    let house = House::new(hub.clone(), config, modules::modules(&hub, config));
    let envelope = Envelope { from, rcpts, via: "command".into() };
    let received = mail::inbound::receive(&hub, &house.mailboxes, &raw, &envelope).await?;
    for refused in &received.refused {
        eprintln!("guildhall: {}", refused.why);
    }
    received.tell_refused();
    for bad in bad {
        refuse(EX_NOUSER, &format!("{bad} is not a mail address."), &envelope.from, vec![bad]);
    }
    // One status stands for all recipients: when some take the mail, the sender gets a report on those that refuse it.
    Ok(ExitCode::from(match received.id {
        Some(_) => 0,
        None if received.refused.iter().all(|refused| refused.is_unknown) => EX_NOUSER,
        None => EX_UNAVAILABLE,
    }))
}

/// Says why a mail is not taken: first to whoever hands it in, since a mail server shows that to the sender.
fn refuse(status: u8, why: &str, from: &str, to: Vec<String>) -> ExitCode {
    eprintln!("guildhall: {why}");
    Line::refused(from, to, why).tell();
    ExitCode::from(status)
}

async fn queue(hub: &kernel::Hub, matches: &ArgMatches) -> anyhow::Result<()> {
    let filter = OutboxFilter { limit: 10_000, ..OutboxFilter::default() };
    let mut copies = outbound::outbox(&hub.store.read(), &filter).await?;
    if !matches.get_flag("all") {
        copies.retain(|copy| matches!(copy.state, State::Waiting | State::Failed));
    }
    if matches.get_flag("json") {
        println!("{}", serde_json::to_string_pretty(&copies)?);
        return Ok(());
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(["N", "To", "State", "Tries", "Subject", "Reply"]);
    for copy in &copies {
        let (id, tries) = (copy.id.to_string(), copy.tries.to_string());
        table.add_row([&id, &copy.address, copy.state.as_str(), &tries, &copy.subject, &copy.reply]);
    }
    if copies.is_empty() {
        println!("Nothing waits.")
    } else {
        println!("{table}")
    }
    Ok(())
}
