//! `guildhall demo`: a hub full of a year's work of a project that could be real, to look at in the first minute.
//!
//! [`year`] is everything that happens, in the order of time and the same on every machine; [`fill`] does it. The texts
//! stand in `text/`, with marks that say who writes what when.

mod cores;
mod fill;
mod history;
mod luck;
mod mails;
mod marks;
mod pages;
mod plan;
mod repos;
mod talk;
mod tree;
mod year;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::Clock;

use crate::config::{self, Config};
use crate::open::{Migrate, open, open_at};
use crate::{modules, node};

/// What stands in the folder of a demo: `filling` or `filled`.
const MARK: &str = "demo";
/// The password of those who can sign in.
const PASSWORD: &str = "seven moths around one lamp";
const SIGN_IN: [&str; 3] = ["lena", "tomas", "ines"];
/// The IRC network of the project.
const NETWORK: &str = "libera";

pub fn command() -> Command {
    let listen = Arg::new("listen").long("listen").value_name("ADDR").default_value("127.0.0.1:8080");
    let keep = Arg::new("keep").long("keep").value_name("DIR").value_parser(value_parser!(PathBuf));
    Command::new("demo")
        .about("Fill a hub with a year of a made-up project, and serve it")
        .arg(listen.help("Where HTTP listens"))
        .arg(keep.help("Keep the hub in DIR and serve it again the next time; by default it goes away at the end"))
        .after_help("Example: guildhall demo --listen 127.0.0.1:8080")
}

pub async fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let listen = matches.get_one::<String>("listen").cloned().unwrap_or_default();
    let keep = matches.get_one::<PathBuf>("keep");
    let data = match keep {
        Some(folder) => std::path::absolute(folder)?,
        None => std::env::temp_dir().join(format!("guildhall-demo-{}", uuid::Uuid::new_v4())),
    };
    let served = fill_and_serve(&listen, &data).await;
    if keep.is_none() && data.exists() {
        std::fs::remove_dir_all(&data).with_context(|| format!("{} cannot be removed", data.display()))?;
    }
    served
}

async fn fill_and_serve(listen: &str, data: &Path) -> anyhow::Result<()> {
    let config = configured(listen, data)?;
    let _serving = node::lock(data)?;
    if std::fs::read_to_string(data.join(MARK)).unwrap_or_default() != "filled" {
        println!("A year of {} is being written, which takes some seconds.", config.hub.name);
        std::fs::write(data.join(MARK), "filling")?;
        filled(&config).await?;
        std::fs::write(data.join(MARK), "filled")?;
    }
    println!(
        "Sign in as {} (administrator), {} or {}. The password of each: {PASSWORD}",
        SIGN_IN[0], SIGN_IN[1], SIGN_IN[2]
    );
    let hub = open(&config, Migrate::Yes).await?;
    modules::prepare(&hub, &config).await?;
    crate::serve::serve(&config, hub.clone(), modules::modules(&hub, &config)).await
}

/// An empty folder, or one that a demo filled; what was left half filled is begun anew.
fn make_room(data: &Path) -> anyhow::Result<()> {
    let mark = std::fs::read_to_string(data.join(MARK)).unwrap_or_default();
    if mark == "filling" {
        let _free = node::lock(data)?;
        std::fs::remove_dir_all(data).with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be made", data.display()))?;
    let empty = std::fs::read_dir(data)?.next().is_none();
    anyhow::ensure!(
        empty || mark == "filled",
        "{} holds something else than a demo; give an empty folder",
        data.display()
    );
    Ok(())
}

async fn filled(config: &Config) -> anyhow::Result<()> {
    let end = Clock::machine().now();
    let year = year::year(end)?;
    let hub = open_at(config, Migrate::Yes, Clock::by_hand(fill::begins(end))).await?;
    hub.store.hurry().await?;
    let shown = std::io::stderr().is_terminal();
    let tell = |part: f64| {
        if shown {
            eprint!("\rA year of {} is written: {:>3.0} %", config.hub.name, part * 100.0);
            let _ = std::io::stderr().flush();
        }
    };
    let mut talking = config.clone();
    if let Some(chat) = &mut talking.chat {
        chat.network = vec![network()];
    }
    fill::fill(&hub, &talking, &year, tell).await?;
    if shown {
        eprintln!();
    }
    hub.store.close().await;
    Ok(())
}

/// Where the bot of the project is while the year goes by; the demo itself connects to nothing.
fn network() -> chat::Network {
    chat::Network {
        name: NETWORK.into(),
        channels: talk::CHANNELS.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        announce: ["commits", "news"].map(str::to_owned).to_vec(),
        ..chat::Network::default()
    }
}

/// A hub that takes no mail and sends none. Its configuration is kept beside it, so that every command understands it.
fn configured(listen: &str, data: &Path) -> anyhow::Result<Config> {
    let text = format!(
        "[hub]\nname = \"Papermoth\"\ntagline = \"Read, write, store and search mail in Python.\"\nlisten = {}\n\
         data = {}\n\n[mail]\ndomain = \"{}\"\nsmtp = \"\"\nlmtp = \"\"\n\n[commits]\nsender = \"push\"\n\n[site]\nsource = {}\n",
        toml::Value::from(listen),
        toml::Value::from(data.to_string_lossy().as_ref()),
        mails::DOMAIN,
        toml::Value::from(data.join("site").to_string_lossy().as_ref()),
    );
    let config = config::read("demo", &text, &Default::default())
        .map_err(|faults| anyhow::anyhow!("{}", crate::cli::check::told(&faults)))?;
    make_room(data)?;
    std::fs::write(data.join("guildhall.toml"), text)?;
    Ok(config)
}
