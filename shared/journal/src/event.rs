//! Everything that happens in the hub, in one list. `docs/events.md` says who answers what.

use serde::{Deserialize, Serialize};

/// The kind of entry that says again what another one says.
pub(crate) const ECHO: &str = "PostEchoed";

/// One thing that happened: plain data only (ids, names, short texts), so that old entries can be read for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all_fields = "snake_case")]
pub enum Event {
    /// Somebody has an account now.
    PersonJoined { user: i64, name: String },
    /// A user confirmed a mail address; what was written from it is theirs now.
    EmailConfirmed { user: i64, name: String },
    /// An issue was filed. `text` is the first message, shortened to 2,000 characters.
    IssueCreated {
        tracker: String,
        issue: i64,
        title: String,
        url: String,
        message: Option<i64>,
        text: String,
        audience: String,
    },
    /// An issue was answered or changed. `message` is absent when only properties changed.
    IssueChanged {
        tracker: String,
        issue: i64,
        title: String,
        url: String,
        message: Option<i64>,
        text: String,
        changes: Vec<Change>,
        audience: String,
    },
    /// A post was accepted by a list, archived, and is on its way to the members.
    MessagePosted {
        list: String,
        post: i64,
        message_id: String,
        subject: String,
        url: String,
        is_reply: bool,
        text: String,
        audience: String,
        /// The number of its thread; 0 in entries of before it was told.
        #[serde(default)]
        thread: i64,
    },
    /// A list took and archived a mail of the hub's own, in which it tells what another entry tells already: a push, mostly.
    /// It is no line of the activity stream.
    PostEchoed {
        list: String,
        post: i64,
        message_id: String,
        subject: String,
        url: String,
        audience: String,
        thread: i64,
    },
    /// A post waits for a moderator.
    PostHeld { list: String, held: i64, subject: String, reason: String, url: String },
    /// An address became a member of a list.
    MemberJoined { list: String, address: String },
    /// An address left a list, or was removed from it.
    MemberLeft { list: String, address: String, reason: String },
    /// A branch or tag of a repository moved. `commits` has the first 100 of the `total` that are new, oldest first;
    /// a deletion or a tag brings none. `change` is `created`, `updated`, `forced` or `deleted`; `channel` is where the
    /// repository asks to be announced, empty when it does not say.
    CommitsPushed {
        repository: String,
        push: i64,
        vcs: String,
        refname: String,
        url: String,
        pusher: String,
        commits: Vec<Commit>,
        total: u64,
        audience: String,
        #[serde(default)]
        change: String,
        #[serde(default)]
        channel: String,
    },
    /// The site was built. `warnings` counts what the build complained of.
    SiteBuilt { site: String, url: String, pages: u64, warnings: u64, revision: String },
    /// A news page appeared on the site.
    NewsPublished { site: String, title: String, url: String },
    /// A meeting on a channel ended; its minutes stand at `url`.
    MeetingEnded { network: String, channel: String, topic: String, url: String },
}

/// One property of an issue that changed, as words people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub property: String,
    pub from: String,
    pub to: String,
}

/// One commit of a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The full id: 40 hexadecimal digits, or the revision number of Subversion.
    pub id: String,
    /// The id as people write it: `1a2b3c4d`, `r123`.
    pub short: String,
    pub author_name: String,
    pub author_email: String,
    /// The first line of the message.
    pub subject: String,
    /// The message, shortened to 4,000 characters.
    pub message: String,
    pub url: String,
    /// Up to 200 changed paths.
    pub paths: Vec<String>,
    /// What the message asks of issues.
    pub mentions: Vec<Mention>,
}

/// What a commit message says of an issue: `closes #12`, `see tracker#7`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The tracker; absent means the default one.
    pub tracker: Option<String>,
    pub issue: i64,
    /// Whether the commit closes it (`fixes`, `closes`, `resolves`) or only speaks of it.
    pub closes: bool,
}

/// An entry as the activity stream shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Headline {
    pub module: &'static str,
    /// What was done, after the name of who did it: `filed #12 crash on start`.
    pub text: String,
    /// Where it stands; empty when there is no page.
    pub url: String,
    /// Who may see it: `public`, `members`, `admins`, `group:ID`, `user:ID`.
    pub audience: String,
}

impl Event {
    /// The variant's name: `IssueCreated`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PersonJoined { .. } => "PersonJoined",
            Self::EmailConfirmed { .. } => "EmailConfirmed",
            Self::IssueCreated { .. } => "IssueCreated",
            Self::IssueChanged { .. } => "IssueChanged",
            Self::MessagePosted { .. } => "MessagePosted",
            Self::PostEchoed { .. } => ECHO,
            Self::PostHeld { .. } => "PostHeld",
            Self::MemberJoined { .. } => "MemberJoined",
            Self::MemberLeft { .. } => "MemberLeft",
            Self::CommitsPushed { .. } => "CommitsPushed",
            Self::SiteBuilt { .. } => "SiteBuilt",
            Self::NewsPublished { .. } => "NewsPublished",
            Self::MeetingEnded { .. } => "MeetingEnded",
        }
    }

    /// What an open page may listen to: the address of the thing, and `thread:N` for a thread of a list.
    pub fn topics(&self) -> Vec<String> {
        let url = self.headline().url;
        let page = url.split('#').next().unwrap_or_default();
        let mut topics = vec![page.to_owned()];
        if let Self::MessagePosted { thread, .. } | Self::PostEchoed { thread, .. } = self {
            topics.push(format!("thread:{thread}"));
        }
        topics
    }

    /// The entry of the activity stream.
    pub fn headline(&self) -> Headline {
        let line = |module, text: String, url: &str, audience: &str| Headline {
            module,
            text,
            url: url.to_owned(),
            audience: audience.to_owned(),
        };
        match self {
            Self::PersonJoined { name, .. } => line("accounts", "joined".into(), &format!("/people/{name}"), "public"),
            Self::EmailConfirmed { name, .. } => {
                line("accounts", "confirmed a mail address".into(), &format!("/people/{name}"), "admins")
            }
            Self::IssueCreated { tracker, issue, title, url, audience, .. } => {
                line("tracker", format!("filed {} {title}", issue_name(tracker, *issue, url)), url, audience)
            }
            Self::IssueChanged { tracker, issue, title, url, message, changes, audience, .. } => {
                let (what, name) = (changed(message.is_some(), changes), issue_name(tracker, *issue, url));
                line("tracker", format!("{what} {name} {title}"), url, audience)
            }
            Self::MessagePosted { list, subject, url, is_reply, audience, .. } => {
                let verb = if *is_reply { "answered on" } else { "wrote to" };
                line("lists", format!("{verb} {list}: {subject}"), url, audience)
            }
            Self::PostEchoed { list, subject, url, audience, .. } => {
                line("lists", format!("was told by mail to {list}: {subject}"), url, audience)
            }
            Self::PostHeld { list, subject, url, .. } => {
                line("lists", format!("waits for a moderator of {list}: {subject}"), url, "admins")
            }
            Self::MemberJoined { list, .. } => line("lists", format!("joined {list}"), "", "admins"),
            Self::MemberLeft { list, .. } => line("lists", format!("left {list}"), "", "admins"),
            Self::CommitsPushed { repository, refname, url, commits, total, audience, change, .. } => {
                let subject = commits.last().map_or("", |commit| &commit.subject);
                let branch =
                    ["refs/heads/", "refs/"].iter().find_map(|start| refname.strip_prefix(start)).unwrap_or(refname);
                let text = match total {
                    0 => format!("{} {branch} in {repository}", if change.is_empty() { "updated" } else { change }),
                    1 => format!("pushed to {repository} {branch}: {subject}"),
                    _ => format!("pushed to {repository} {branch} {total} commits, last: {subject}"),
                };
                line("commits", text, url, audience)
            }
            Self::SiteBuilt { site, pages, url, .. } => {
                let text = format!("rebuilt the {site}, {pages} page{}", if *pages == 1 { "" } else { "s" });
                line("site", text, url, "admins")
            }
            Self::NewsPublished { title, url, .. } => line("site", format!("published {title}"), url, "public"),
            Self::MeetingEnded { channel, topic, url, .. } => {
                line("chat", format!("ended a meeting in {channel}: {topic}"), url, "public")
            }
        }
    }
}

/// How people call an issue: `#12`, or `website#12` when its page stands below its tracker's name, as those of every
/// tracker but the default one do.
pub fn issue_name(tracker: &str, issue: i64, url: &str) -> String {
    let path = url.split(['#', '?']).next().unwrap_or_default();
    let depth = path.split('/').filter(|part| !part.is_empty()).count();
    if depth > 2 { format!("{tracker}#{issue}") } else { format!("#{issue}") }
}

fn changed(answered: bool, changes: &[Change]) -> String {
    let status = changes.iter().find(|change| change.property == "status").map(|change| change.to.as_str());
    match (answered, status) {
        (false, Some(status)) => format!("set to {status}"),
        (true, Some(status)) => format!("answered and set to {status}"),
        (true, None) => "answered".into(),
        (false, None) => "changed".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_of_another_tracker_is_called_by_its_name() {
        let filed = |tracker: &str, url: &str| {
            let (tracker, title, url) = (tracker.to_owned(), "Crash".to_owned(), url.to_owned());
            let (text, audience) = (String::new(), "public".to_owned());
            Event::IssueCreated { tracker, issue: 12, title, url, message: None, text, audience }.headline().text
        };
        assert_eq!(filed("issues", "/issues/12#msg3"), "filed #12 Crash");
        assert_eq!(filed("website", "/issues/website/12"), "filed website#12 Crash");
    }
}
