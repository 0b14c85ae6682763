//! Whether the work gets done: queues, hooks, IRC.

use std::path::PathBuf;
use std::time::Duration;

use journal::query::parked;
use kernel::Hub;
use mail::outbound::State as Fate;
use tokio::net::TcpStream;

use super::{Finding, Notes};
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn queues(hub: &Hub) -> anyhow::Result<Vec<Finding>> {
    let conn = hub.store.read();
    let mails = mail::outbound::counts(&conn).await?;
    let of = |state| mails.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
    let jobs = jobs::query::count(&conn, "failed").await?;
    Ok(undone(of(Fate::Failed), of(Fate::Waiting), jobs, parked(&conn).await?.len()))
}

/// What could not be done: so many recipients of mail, jobs and entries of the journal.
pub(super) fn undone(failed: u64, waiting: u64, jobs: u64, parked: usize) -> Vec<Finding> {
    let mut notes = Notes::of("queues");
    match failed {
        0 => notes.good(format!("No mail has failed, {waiting} waits")),
        count => {
            notes.warn(
                format!("{count} recipients of outgoing mail have failed."),
                "`guildhall mail queue` says why; retry or drop them.",
            );
            notes.see("/admin/mail?state=failed");
        }
    }
    match jobs {
        0 => notes.good("No job has failed"),
        count => {
            notes.warn(format!("{count} jobs have failed."), "/admin/jobs says why, and has a button to retry.");
            notes.see("/admin/jobs");
        }
    }
    match parked {
        0 => notes.good("No entry of the journal is parked"),
        count => {
            notes.fault(
                format!("{count} entries of the journal could not be answered."),
                "`guildhall journal parked` says why; when that is mended, `guildhall journal retry N`.",
            );
            notes.see("/admin/journal");
        }
    }
    notes.found
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
        hooked(&mut notes, name, commits::has_hook(&repository).await, || commits::closed_spool(hub, &repository));
    }
    Ok(notes.found)
}

/// Whether a repository tells of its pushes: its hook is there, and its owner may write into the spool.
pub(super) fn hooked(notes: &mut Notes, name: &str, hook: anyhow::Result<bool>, closed: impl Fn() -> Option<PathBuf>) {
    match hook {
        Ok(true) => match closed() {
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
