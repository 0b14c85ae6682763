//! What every commit mail has, whatever system it tells of.

use chrono::Duration;
use kernel::{Context, Hub, TemplateError, context};
use mail::Address;
use serde::Serialize;

use crate::push::{Brief, Push};
use crate::query::Revision;
use crate::repository::Repository;
use crate::{Config, url};

/// A mail, before it is put into the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The name before the hub's own address.
    pub from: String,
    pub reply_to: Option<Address>,
    pub subject: String,
    pub text: String,
    pub message_id: String,
    pub in_reply_to: Option<String>,
    pub headers: Vec<(String, String)>,
}

/// What is told of.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub hub: &'a Hub,
    pub config: &'a Config,
    pub repository: &'a Repository,
    pub push: &'a Push,
}

/// A line of a summary: `new 1a2b3c4d Fix it`.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryLine {
    /// Right-aligned to eight columns.
    pub verb: String,
    pub short: String,
    pub subject: String,
}

impl SummaryLine {
    /// A line of a summary.
    pub fn new(verb: &str, id: &str, subject: &str) -> Self {
        Self {
            verb: format!("{verb:>8}"),
            short: format!("{:<8}", url::short(id)),
            subject: subject.chars().take(200).collect(),
        }
    }

    /// Lines of commits that are named in passing.
    pub fn of(verb: &str, briefs: &[Brief]) -> Vec<Self> {
        briefs.iter().map(|brief| Self::new(verb, &brief.id, &brief.subject)).collect()
    }
}

impl Scene<'_> {
    /// The address from which commit mail comes: ours, since a list that passes on a mail of `ann@x.org` breaks what
    /// DMARC (RFC 7489) promises for `x.org`.
    pub fn sender(&self) -> String {
        self.hub.settings.address(&self.config.sender)
    }

    /// The name before that address: `Ann (via PyPy commits)`.
    pub fn from(&self, name: &str) -> String {
        let name = name.trim();
        format!("{} (via {} commits)", if name.is_empty() { "Somebody" } else { name }, self.hub.settings.name)
    }

    /// A subject with the repository before it, within its length.
    pub fn subject(&self, text: &str) -> String {
        self.cut(&format!("[{}] {text}", self.repository.name))
    }

    /// A subject within its length.
    pub fn cut(&self, subject: &str) -> String {
        let most = self.config.max_subject;
        if most == 0 || subject.chars().count() <= most {
            return subject.to_owned();
        }
        let kept: String = subject.chars().take(most.saturating_sub(1)).collect();
        format!("{kept}…")
    }

    /// The Message-ID of a commit: the same on every retry, and for every mail about it.
    pub fn commit_id(&self, revision: &Revision) -> String {
        let domain = &self.hub.settings.mail_domain;
        format!("commit.{}.{}@{domain}", self.repository.name, url::word(&revision.commit_id))
    }

    /// The Message-ID of the summary of one ref of this push.
    pub fn summary_id(&self, position: i64) -> String {
        let record: String = self.push.record.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        format!("push.{}.{record}.{position}@{}", self.repository.name, self.hub.settings.mail_domain)
    }

    /// The page of this push.
    pub fn push_url(&self) -> String {
        self.hub.url(&url::push(&self.repository.name, self.push.id))
    }

    /// The author of a commit, when an answer can reach them.
    pub fn reply_to(&self, revision: &Revision) -> Option<Address> {
        people::participant::is_address(&revision.author_email)
            .then(|| Address::new(revision.author_name.clone(), revision.author_email.clone()))
    }

    /// Fields of every mail; a list that is not ours gets the one by which people sort it.
    pub fn headers(&self, own: Vec<(&str, String)>) -> Vec<(String, String)> {
        let domain = &self.hub.settings.mail_domain;
        let mut headers: Vec<(String, String)> =
            own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        headers.push(("Precedence".into(), "list".into()));
        if !self.repository.list_address.ends_with(&format!("@{domain}")) {
            headers.push(("List-Id".into(), format!("<commits.{}.{domain}>", self.repository.name)));
        }
        headers
    }

    /// The text of a commit's mail.
    pub fn commit_text(&self, revision: &Revision, branch: &str, diff: &str) -> Result<String, TemplateError> {
        let local = revision.authored_at + Duration::minutes(revision.authored_offset);
        let (sign, offset) = (if revision.authored_offset < 0 { '-' } else { '+' }, revision.authored_offset.abs());
        let author = match revision.author_email.as_str() {
            "" => revision.author_name.clone(),
            email => format!("{} <{email}>", revision.author_name),
        };
        let link = self.hub.url(&url::commit(&self.repository.name, &revision.commit_id));
        self.render("commits/mail/commit.body.txt", context! {
            pusher: self.push.pusher, branch, repository: self.repository.name, id: revision.commit_id, author, link,
            written: format!("{} {sign}{:02}{:02}", local.format("%a %Y-%m-%d %H:%M:%S"), offset / 60, offset % 60),
            committer: revision.committer, message: indented(&revision.message), diff, why: self.why(), stop: "",
        })
    }

    /// The text of a summary; `said` tells in one sentence what happened.
    pub fn summary_text(&self, said: &str, lines: &[SummaryLine], notes: &[String]) -> Result<String, TemplateError> {
        self.render(
            "commits/mail/push.body.txt",
            context! {
                said, lines, notes, link: self.push_url(), why: self.why(), stop: "",
            },
        )
    }

    fn why(&self) -> String {
        format!(
            "You get this because the commits of {} are mailed to {}.",
            self.repository.name, self.repository.list_address
        )
    }

    fn render(&self, template: &str, context: Context) -> Result<String, TemplateError> {
        self.hub.templates.render(template, &context)
    }
}

/// A message with four blanks before each line.
fn indented(message: &str) -> String {
    let line = |line: &str| if line.trim().is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    let text: String = message.lines().map(line).collect();
    if text.is_empty() { "    (no message)\n".into() } else { text }
}
