//! What happens in the hub, as lines on the channels.

use std::sync::Arc;

use async_trait::async_trait;
use journal::{Change, Entry, Event, Failure, Subscriber, issue_name};
use kernel::Hub;
use store::Tx;

use crate::config::{Config, Network};
use crate::say::{Rank, say};
use crate::split::shorten;

/// Commits of one push that are announced one by one; more are one line.
const ONE_BY_ONE: usize = 3;
/// Bytes of text that a line has room for.
const ROOM: usize = 400;

/// Announces pushes, issues, posts and news.
pub struct Announce {
    pub hub: Hub,
    pub config: Arc<Config>,
}

#[async_trait]
impl Subscriber for Announce {
    fn name(&self) -> &'static str {
        "chat/announce"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["CommitsPushed", "IssueCreated", "IssueChanged", "MessagePosted", "NewsPublished"]
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let Some(told) = told(&self.hub, entry) else { return Ok(()) };
        for network in &self.config.network {
            for channel in channels(network, &told) {
                for line in &told.lines {
                    say(tx, &network.name, channel, Rank::Announce, &shorten(line, ROOM)).await?;
                }
            }
        }
        Ok(())
    }
}

/// What is told, of which kind, and on which channel when not on all.
struct Told {
    kind: &'static str,
    channel: String,
    lines: Vec<String>,
}

fn channels<'a>(network: &'a Network, told: &'a Told) -> impl Iterator<Item = &'a String> {
    let wanted = network.announce.iter().any(|kind| kind == told.kind);
    let here = |channel: &&String| told.channel.is_empty() || channel.eq_ignore_ascii_case(&told.channel);
    network.channels.iter().filter(move |channel| wanted && here(channel))
}

fn told(hub: &Hub, entry: &Entry) -> Option<Told> {
    let url = |path: &str| hub.url(path);
    let who = unpinged(&entry.actor);
    let all = |kind, line: String| Some(Told { kind, channel: String::new(), lines: vec![line] });
    match &entry.event {
        Event::CommitsPushed { audience, channel, .. } if audience == "public" => {
            Some(Told { kind: "commits", channel: channel.clone(), lines: pushed(&entry.event, &url) })
        }
        Event::IssueCreated { tracker, issue, title, url: path, audience, .. } if audience == "public" => {
            let name = issue_name(tracker, *issue, path);
            all("issues", format!("{who} filed {name} {title} {}", url(path)))
        }
        Event::IssueChanged { tracker, issue, title, url: path, message, changes, audience, .. }
            if audience == "public" =>
        {
            let (what, name) = (what_changed(message.is_some(), changes)?, issue_name(tracker, *issue, path));
            all("issues", format!("{who} {what} {name} {title} {}", url(path)))
        }
        Event::MessagePosted { list, subject, url: path, audience, .. } if audience == "public" => {
            all("posts", format!("{who} on {list}: {subject} {}", url(path)))
        }
        Event::NewsPublished { title, url: path, .. } => all("news", format!("News: {title} {}", url(path))),
        _ => None,
    }
}

fn pushed(event: &Event, url: &dyn Fn(&str) -> String) -> Vec<String> {
    let Event::CommitsPushed { repository, refname, url: path, pusher, commits, total, change, .. } = event else {
        return vec![];
    };
    let branch = refname.strip_prefix("refs/heads/").or_else(|| refname.strip_prefix("refs/tags/")).unwrap_or(refname);
    let place = if branch.is_empty() { repository.clone() } else { format!("{repository} {branch}") };
    if *total == 0 {
        return vec![format!(
            "{place}: {} by {} {}",
            if change.is_empty() { "changed" } else { change },
            unpinged(pusher),
            url(path)
        )];
    }
    if commits.len() <= ONE_BY_ONE && *total == commits.len() as u64 {
        let line = |commit: &journal::Commit| {
            format!(
                "{place}: {} {}: {} {}",
                commit.short,
                unpinged(&commit.author_name),
                commit.subject,
                url(&commit.url)
            )
        };
        return commits.iter().map(line).collect();
    }
    let (first, last) = (commits.first().map_or("", |c| &c.short), commits.last().map_or("", |c| &c.short));
    vec![format!("{place}: {} pushed {total} commits ({first}…{last}) {}", unpinged(pusher), url(path))]
}

/// The verb for a change; nothing for one that nobody on a channel wants to know of.
fn what_changed(answered: bool, changes: &[Change]) -> Option<String> {
    let status = changes.iter().find(|change| change.property == "status");
    match (status, answered) {
        (Some(status), _) => Some(format!("set to {}", status.to)),
        (None, true) => Some("answered".into()),
        (None, false) => None,
    }
}

/// A name that does not ring the person's client: a word joiner after the first letter, where no line is broken.
fn unpinged(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => format!("{first}\u{2060}{}", letters.as_str()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(count: usize, total: u64) -> Event {
        let commit = |n: usize| journal::Commit {
            id: format!("{n:040}"),
            short: format!("abc{n}"),
            author_name: "Ann".into(),
            author_email: String::new(),
            subject: format!("Change {n}"),
            message: String::new(),
            url: format!("/c/{n}"),
            paths: vec![],
            mentions: vec![],
        };
        Event::CommitsPushed {
            repository: "hub".into(),
            push: 1,
            vcs: "git".into(),
            refname: "refs/heads/main".into(),
            url: "/p".into(),
            pusher: "Bob".into(),
            commits: (1..=count).map(commit).collect(),
            total,
            audience: "public".into(),
            change: "updated".into(),
            channel: String::new(),
        }
    }

    #[test]
    fn few_commits_are_lines_and_many_are_one() {
        let url = |path: &str| format!("http://hub{path}");
        let lines = pushed(&push(2, 2), &url);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0], "hub main: abc1 A\u{2060}nn: Change 1 http://hub/c/1");
        assert_eq!(pushed(&push(4, 4), &url), ["hub main: B\u{2060}ob pushed 4 commits (abc1…abc4) http://hub/p"]);
        assert_eq!(pushed(&push(0, 0), &url), ["hub main: updated by B\u{2060}ob http://hub/p"]);
    }
}
