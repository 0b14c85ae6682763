//! Whether the work gets done: queues, hooks, IRC.

use std::time::Duration;

use journal::query::parked;
use kernel::Hub;
use mail::outbound::State as Fate;
use tokio::net::TcpStream;

use super::{Finding, Notes};
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn queues(hub: &Hub) -> anyhow::Result<Vec<Finding>> {
    let mut notes = Notes::of("queues");
    let conn = hub.store.read();
    let mails = mail::outbound::counts(&conn).await?;
    let of = |state| mails.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
    match of(Fate::Failed) {
        0 => notes.good(format!("No mail has failed, {} waits", of(Fate::Waiting))),
        count => {
            notes.warn(
                format!("{count} recipients of outgoing mail have failed."),
                "`guildhall mail queue` says why; retry or drop them.",
            );
            notes.see("/admin/mail?state=failed");
        }
    }
    match jobs::query::count(&conn, "failed").await? {
        0 => notes.good("No job has failed"),
        count => {
            notes.warn(format!("{count} jobs have failed."), "/admin/jobs says why, and has a button to retry.");
            notes.see("/admin/jobs");
        }
    }
    match parked(&conn).await?.len() {
        0 => notes.good("No entry of the journal is parked"),
        count => {
            notes.fault(
                format!("{count} entries of the journal could not be answered."),
                "`guildhall journal parked` says why; when that is mended, `guildhall journal retry N`.",
            );
            notes.see("/admin/journal");
        }
    }
    Ok(notes.found)
}

pub(super) async fn hooks(config: &Config, hub: &Hub) -> anyhow::Result<Vec<Finding>> {
    let mut notes = Notes::of("hooks");
    if config.commits.is_none() {
        return Ok(notes.found);
    }
    for repository in commits::query::repositories(&hub.store.read(), &people::Actor::system("doctor")).await? {
        let name = &repository.name;
        let Some(folder) = repository.folder() else { continue };
        if !folder.is_dir() {
            notes.fault(
                format!("{name}: {} is not there, or this user may not read it.", folder.display()),
                "Mend its path or its rights.",
            );
            continue;
        }
        match commits::has_hook(&repository).await {
            Ok(true) => match commits::closed_spool(hub, &repository) {
                None => notes.good(format!("{name} has its hook")),
                Some(spool) => notes.warn(
                    format!("{name} has its hook, but its owner may not write into {}.", spool.display()),
                    "Let whoever pushes write there (docs/admin/hooks.md, The spool).",
                ),
            },
            Ok(false) => notes.fault(
                format!("{name} has no hook of this hub: its pushes are not announced."),
                format!("`guildhall commits hook install {name}`"),
            ),
            Err(error) => notes.fault(format!("{name}: {error:#}."), "Mend its path or its rights."),
        }
    }
    Ok(notes.found)
}

pub(super) async fn irc(config: &Config) -> Vec<Finding> {
    let mut notes = Notes::of("irc");
    for network in config.chat.iter().flat_map(|chat| &chat.network) {
        let connected = tokio::time::timeout(PATIENCE, TcpStream::connect(&network.server)).await;
        let failed = match connected {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it does not answer".into()),
        };
        match failed {
            None => notes.good(format!("{} answers at {}", network.name, network.server)),
            Some(why) => notes.fault(
                format!("{} does not answer at {}: {why}.", network.name, network.server),
                "See whether `server` in [[chat.network]] is right and a firewall lets it through; the bot tries again by itself.",
            ),
        }
    }
    notes.found
}
