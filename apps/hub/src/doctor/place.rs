//! Where the hub stands: its address on the web, its disk, its backups.

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use kernel::Hub;
use kernel::overlay::{self, Overlay};

use super::{Finding, Notes, Resolver};
use crate::backup::{self, Note};
use crate::config::Config;

/// Below this a disk is nearly full, in bytes; and below this somebody should know.
const ROOM: u64 = 500 << 20;
const COMFORT: u64 = 5 << 30;
/// How old a backup may be.
const DAYS: i64 = 2;

/// What the configured address alone says.
pub(super) fn address(config: &Config) -> Vec<Finding> {
    let mut notes = Notes::of("web");
    let url = config.hub.url();
    let (scheme, host) = split(&url);
    if is_local(host) {
        notes.warn(
            format!("Links in mail lead to {url}, which only this machine or network reaches."),
            "Set `url` in [hub] to the address that people use, such as https://hub.example.org.",
        );
    } else if scheme == "https" {
        notes.good("People come over HTTPS, and cookies are marked secure");
    } else {
        notes.warn(
            format!("{url} is not HTTPS: passwords cross the network in the clear."),
            "Put a web server with a certificate in front (docs/admin/install.md) and set `url` to https.",
        );
    }
    notes.found
}

/// Whether the name of the hub is known.
pub(super) async fn web(config: &Config, resolver: &Resolver) -> Vec<Finding> {
    let mut notes = Notes::of("web");
    let url = config.hub.url();
    let (_, host) = split(&url);
    if is_local(host) {
        return notes.found;
    }
    match resolver.addresses(host).await {
        Ok(found) if found.is_empty() => notes.fault(
            format!("The DNS has no address for {host}, so that nobody reaches {url}."),
            format!("Add an A or AAAA record for {host}, or mend `url` in [hub]."),
        ),
        Ok(found) => notes.good(format!("{host} is {}", listed(&found))),
        Err(why) => unknown(&mut notes, host, &why),
    }
    notes.found
}

/// Scheme and host of a URL.
pub(super) fn split(url: &str) -> (&str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    (scheme, host(rest))
}

pub(super) fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok()
}

/// The host of a URL behind its scheme.
pub(super) fn host(rest: &str) -> &str {
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

pub(super) fn listed(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn unknown(notes: &mut Notes, name: &str, why: &str) {
    notes.warn(
        format!("The DNS could not be asked for {name}: {why}."),
        "See whether /etc/resolv.conf names a server that answers, or name one with --resolver.",
    );
}

pub(super) fn disk(hub: &Hub) -> Vec<Finding> {
    // POSIX: df -P has one line for each file system, in blocks of 1024 bytes with -k.
    let said = Command::new("df").arg("-Pk").arg(&hub.settings.data).output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    left(&hub.settings.data.display().to_string(), room(&said))
}

/// What so many bytes are for the disk of the data.
pub(super) fn left(place: &str, free: Option<u64>) -> Vec<Finding> {
    let mut notes = Notes::of("disk");
    match free {
        None => notes.warn(format!("How much room {place} has cannot be told."), "See whether `df -Pk` works there."),
        Some(free) if free < ROOM => notes.fault(
            format!("{place} has only {} MB left. On a full disk mail is put off and forms are refused.", free >> 20),
            "Make room, or move the data directory to a larger disk.",
        ),
        Some(free) if free < COMFORT => {
            notes.warn(format!("{place} has {} MB left.", free >> 20), "Make room before the disk is full.");
        }
        Some(free) => notes.good(format!("{place} has {} GB left", free >> 30)),
    }
    notes.found
}

/// The bytes of a file system that are free.
fn room(said: &str) -> Option<u64> {
    let free: u64 = said.lines().nth(1)?.split_whitespace().rev().nth(2)?.parse().ok()?;
    Some(free << 10)
}

pub(super) fn backup(hub: &Hub) -> Vec<Finding> {
    age(backup::last(&hub.settings.data), hub.now())
}

/// What the last backup is worth now.
pub(super) fn age(last: Option<Note>, now: DateTime<Utc>) -> Vec<Finding> {
    let mut notes = Notes::of("backup");
    let mend = "Let cron run `guildhall backup` every night (docs/admin/backup.md).";
    match last {
        None => notes.warn("No backup was made with `guildhall backup` yet.", mend),
        Some(last) => {
            let (when, file) = (kernel::exact(last.made_at), last.file);
            if now - last.made_at > chrono::Duration::days(DAYS) {
                notes.warn(format!("The last backup is of {when} ({file})."), mend);
            } else {
                notes.good(format!("The last backup is of {when} ({file})"));
            }
        }
    }
    notes.found
}

/// Whether the project's own files of the theme keep up with the built-in ones.
pub(super) fn theme(hub: &Hub) -> Vec<Finding> {
    overlaid(&hub.settings.data.join("theme"))
}

pub(super) fn overlaid(folder: &Path) -> Vec<Finding> {
    let mut notes = Notes::of("theme");
    match overlay::standing(folder) {
        Err(error) => notes.fault(
            format!("The folder {} cannot be read: {error}.", folder.display()),
            "Mend its rights, or remove it.",
        ),
        Ok(overlays) => {
            for (text, mend) in overlays.iter().filter_map(Overlay::complaint) {
                notes.warn(text, mend);
                notes.see("/admin/theme");
            }
            if notes.found.is_empty() && !overlays.is_empty() {
                notes.good(format!("The {} files of the project's own theme are in step", overlays.len()));
            }
        }
    }
    notes.found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_url_is_found() {
        for (rest, wanted) in [
            ("hub.example.org", "hub.example.org"),
            ("hub.example.org:8443/x", "hub.example.org"),
            ("[::1]:8080", "::1"),
            ("127.0.0.1:8080/", "127.0.0.1"),
        ] {
            assert_eq!(host(rest), wanted);
        }
    }

    #[test]
    fn df_is_read() {
        let said = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 1000 400 600 40% /\n";
        assert_eq!(room(said), Some(600 << 10));
        assert_eq!(room("df: no such file\n"), None);
    }
}
