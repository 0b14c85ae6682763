//! `guildhall demo`: a tracker full of a year's work, to look at in the first minute.

mod cores;
mod fill;
mod luck;
mod plan;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::Clock;

use crate::config::{self, Config};
use crate::modules;
use crate::open::{Migrate, open, open_at};

/// What stands in a folder once it is filled.
const FILLED: &str = "demo-is-filled";

pub fn command() -> Command {
    let listen = Arg::new("listen").long("listen").value_name("ADDR").default_value("127.0.0.1:8080");
    let keep = Arg::new("keep").long("keep").value_name("DIR").value_parser(value_parser!(PathBuf));
    Command::new("demo")
        .about("Fill a hub with a year of a made-up project's issues, and serve it")
        .arg(listen.help("Where HTTP listens"))
        .arg(keep.help("Keep the hub in DIR and serve it again the next time; by default it goes away at the end"))
        .after_help("Example: guildhall demo --listen 127.0.0.1:8080")
}

pub async fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let listen = matches.get_one::<String>("listen").cloned().unwrap_or_default();
    let keep = matches.get_one::<PathBuf>("keep");
    let data = match keep {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("guildhall-demo-{}", uuid::Uuid::new_v4())),
    };
    let config = configured(&listen, &data)?;
    if !data.join(FILLED).exists() {
        let there = data.join("guildhall.sqlite").exists();
        anyhow::ensure!(!there, "{} holds a hub that is no finished demo; give another folder", data.display());
        println!("Filling a hub with a year of issues ...");
        let end = Clock::machine().now();
        let clock = Clock::by_hand(end - chrono::Duration::days(720));
        let hub = open_at(&config, Migrate::Yes, clock).await?;
        let issues = fill::fill(&hub, &config, &plan::plan(end, usize::MAX)?).await?;
        hub.store.close().await;
        std::fs::write(data.join(FILLED), "")?;
        println!("{issues} issues are there.");
    }
    println!("Sign in as lena (administrator), tomas or ines; the password is: {}", fill::PASSWORD);
    let hub = open(&config, Migrate::Yes).await?;
    modules::prepare(&hub, &config).await?;
    let served = crate::serve::serve(&config, hub.clone(), modules::modules(&hub, &config)).await;
    if keep.is_none() {
        std::fs::remove_dir_all(&data)?;
    }
    served
}

/// A hub that takes no mail and sends none.
fn configured(listen: &str, data: &Path) -> anyhow::Result<Config> {
    let text = "[hub]\nname = \"Papermoth\"\ntagline = \"Read, write, store and search mail in Python.\"\n\
                [mail]\ndomain = \"papermoth.example\"\nsmtp = \"\"\nlmtp = \"\"\n";
    let mut config = config::read("demo", text, &Default::default())
        .map_err(|faults| anyhow::anyhow!("{}", crate::cli::check::told(&faults)))?;
    config.hub.listen = listen.to_owned();
    config.hub.data = data.to_owned();
    Ok(config)
}
