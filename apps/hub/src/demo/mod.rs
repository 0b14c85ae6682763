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
mod minutes;
mod pages;
mod plan;
mod repos;
mod rewrite;
mod talk;
mod tree;
mod waiting;
mod year;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::middleware::from_fn_with_state;
use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::Clock;
use tokio::net::TcpListener;
use waiting::Waiting;

use crate::config::{self, Config};
use crate::open::{Migrate, open, open_at};
use crate::serve::House;
use crate::web::checkup::Checkup;
use crate::{modules, node};

/// What stands in the folder of a demo: `filling`, or `filled` and the address at which it was filled.
const MARK: &str = "demo";
const FILLED: &str = "filled";
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
    let (url, mark) = (config.hub.url(), data.join(MARK));
    let listener = crate::serve::listen(&config).await?;
    let said = std::fs::read_to_string(&mark).unwrap_or_default();
    let (listener, before) = if let Some(before) = said.strip_prefix(FILLED) {
        (listener, before.trim().to_owned())
    } else {
        println!(
            "A year of {} is being written, which takes some seconds; {url} shows how far it is.",
            config.hub.name
        );
        std::fs::write(&mark, "filling")?;
        (filled(&config, listener).await?, url.clone())
    };
    std::fs::write(&mark, format!("{FILLED} {before}"))?;
    let hub = open(&config, Migrate::Yes).await?;
    println!(
        "Sign in as {} (administrator), {} or {}. The password of each: {PASSWORD}",
        SIGN_IN[0], SIGN_IN[1], SIGN_IN[2]
    );
    modules::prepare(&hub, &config).await?;
    let mut house = House::new(hub.clone(), &config, modules::modules(&hub, &config));
    if !before.is_empty() && before != url {
        house.router = house.router.layer(from_fn_with_state(Arc::new((before, url)), rewrite::moved));
    }
    crate::serve::serve_at(listener, &config, house, Checkup::of_demo(config.clone())).await
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
        empty || mark.starts_with(FILLED),
        "{} holds something else than a demo; give an empty folder",
        data.display()
    );
    Ok(())
}

/// Writes the year, while whoever asks on the listener is told how far it is; the listener is given back.
async fn filled(config: &Config, listener: TcpListener) -> anyhow::Result<TcpListener> {
    let listener = listener.into_std()?;
    let end = Clock::machine().now();
    let year = year::year(end)?;
    let hub = open_at(config, Migrate::Yes, Clock::by_hand(fill::begins(end))).await?;
    hub.store.hurry().await?;
    let house = House::new(hub.clone(), config, modules::modules(&hub, config));
    let pages = house.app(config, Checkup::of_demo(config.clone()));
    let waiting = Waiting::serve(TcpListener::from_std(listener.try_clone()?)?, &config.hub.name, pages);
    let shown = std::io::stderr().is_terminal();
    let tell = |part: f64| {
        waiting.tell(part);
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
    waiting.end().await?;
    hub.store.close().await;
    Ok(TcpListener::from_std(listener)?)
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
