//! Webhooks of forges: who they are, whether their signature is right, and what they tell. Pure.
//!
//! GitHub, Gitea and Forgejo sign the raw body with HMAC-SHA-256; Bitbucket does the same in `X-Hub-Signature`; GitLab
//! sends the secret itself. The signature is checked before the body is read as JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Told, ToldRef};
use crate::push::Summary;
use crate::vcs::{Changed, MOST_COMMITS, MOST_PATHS, Revision, Status, git, message, name_and_address};

/// What a request says of itself in its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller<'a> {
    /// `github`, `gitlab`, `gitea`, `bitbucket`.
    pub forge: &'static str,
    /// `push`, `Push Hook`, `repo:push`, `ping`.
    pub event: &'a str,
    /// Unique for each delivery; the same when it is sent again. Empty where the forge gives none.
    pub delivery: &'a str,
    proof: Proof<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof<'a> {
    /// Hexadecimal HMAC-SHA-256 of the body.
    Mac(&'a str),
    /// The secret itself.
    Secret(&'a str),
    None,
}

impl<'a> Caller<'a> {
    /// The caller of a request, by the headers that `get` gives; `None` when no forge of ours sends such.
    pub fn of(get: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let signed = || get("x-hub-signature-256").and_then(|value| value.strip_prefix("sha256="));
        let mac = |text: Option<&'a str>| text.map_or(Proof::None, Proof::Mac);
        // Gitea and Forgejo send GitHub's headers too, so they are asked first.
        for event in ["x-forgejo-event", "x-gitea-event", "x-gogs-event"] {
            let Some(event_name) = get(event) else { continue };
            let own = |what: &str| get(&event.replace("event", what));
            let proof = mac(own("signature").or_else(signed));
            return Some(Self {
                forge: "gitea",
                event: event_name,
                delivery: own("delivery").unwrap_or_default(),
                proof,
            });
        }
        if let Some(event) = get("x-github-event") {
            let delivery = get("x-github-delivery").unwrap_or_default();
            return Some(Self { forge: "github", event, delivery, proof: mac(signed()) });
        }
        if let Some(event) = get("x-gitlab-event") {
            let delivery = get("idempotency-key").or_else(|| get("x-gitlab-event-uuid")).unwrap_or_default();
            let proof = get("x-gitlab-token").map_or(Proof::None, Proof::Secret);
            return Some(Self { forge: "gitlab", event, delivery, proof });
        }
        let event = get("x-event-key")?;
        let signature = get("x-hub-signature").and_then(|value| value.strip_prefix("sha256="));
        let delivery = get("x-request-uuid").or_else(|| get("x-request-id")).unwrap_or_default();
        Some(Self { forge: "bitbucket", event, delivery, proof: mac(signature) })
    }

    /// Whether the caller knows the secret; takes the same time whatever was sent.
    pub fn is_genuine(&self, secret: &str, body: &[u8]) -> bool {
        if secret.is_empty() {
            return false;
        }
        match self.proof {
            Proof::Mac(given) => {
                let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
                mac.update(body);
                let wanted = hex::encode(mac.finalize().into_bytes());
                wanted.as_bytes().ct_eq(given.trim().to_ascii_lowercase().as_bytes()).into()
            }
            Proof::Secret(given) => secret.as_bytes().ct_eq(given.as_bytes()).into(),
            Proof::None => false,
        }
    }

    /// Whether this tells of a push; other events (`ping`, issues) are thanked for and dropped.
    pub fn is_push(&self) -> bool {
        let push = match self.forge {
            "gitlab" => &["Push Hook", "Tag Push Hook"][..],
            "bitbucket" => &["repo:push", "repo:refs_changed"],
            _ => &["push"],
        };
        push.contains(&self.event)
    }
}

/// A body that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("The webhook of {forge} cannot be read: {what}.")]
pub struct Unreadable {
    forge: String,
    what: String,
}

/// What a webhook's body tells.
pub fn read(forge: &str, body: &[u8], at: DateTime<Utc>) -> Result<Told, Unreadable> {
    let unreadable = |what: String| Unreadable { forge: forge.to_owned(), what };
    if forge == "bitbucket" {
        let push: BitbucketPush = serde_json::from_slice(body).map_err(|error| unreadable(error.to_string()))?;
        return Ok(push.told(at));
    }
    let push: HubPush = serde_json::from_slice(body).map_err(|error| unreadable(error.to_string()))?;
    Ok(push.told(forge, at))
}

/// GitHub's form, which Gitea, Forgejo and (nearly) GitLab share.
#[derive(Deserialize)]
struct HubPush {
    #[serde(rename = "ref")]
    refname: String,
    before: String,
    after: String,
    #[serde(default)]
    forced: bool,
    #[serde(default)]
    commits: Vec<HubCommit>,
    #[serde(default)]
    total_commits_count: Option<u64>,
    #[serde(default)]
    pusher: Value,
    /// GitLab's.
    #[serde(default)]
    user_username: String,
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    user_email: Option<String>,
}

#[derive(Deserialize)]
struct HubCommit {
    id: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    url: String,
    #[serde(default = "yes")]
    distinct: bool,
    #[serde(default)]
    author: HubPerson,
    #[serde(default)]
    committer: HubPerson,
    #[serde(default)]
    added: Option<Vec<String>>,
    #[serde(default)]
    removed: Option<Vec<String>>,
    #[serde(default)]
    modified: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct HubPerson {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

fn yes() -> bool {
    true
}

impl HubPush {
    fn told(self, forge: &str, at: DateTime<Utc>) -> Told {
        let word = |key: &str| self.pusher[key].as_str().unwrap_or_default().to_owned();
        let pusher =
            [word("username"), word("login"), word("name"), self.user_username.clone(), self.user_name.clone()];
        let pusher = pusher.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let email = self.user_email.clone().filter(|email| !email.is_empty()).unwrap_or_else(|| word("email"));
        let (old, new) = (id_or_nothing(&self.before), id_or_nothing(&self.after));
        let commits: Vec<HubCommit> = self
            .commits
            .into_iter()
            // What is gone brings nothing.
            .filter(|commit| !new.is_empty() && commit.distinct && git::is_id(&commit.id))
            .take(MOST_COMMITS)
            .collect();
        let elsewhere = commits.iter().map(|commit| (commit.id.clone(), web_url(&commit.url))).collect();
        let described = commits.len() as u64;
        let total = self.total_commits_count.unwrap_or(described).max(described);
        let moved = ToldRef {
            kind: kind(&self.refname).into(),
            change: change(&old, &new, self.forced).into(),
            refname: clean(&self.refname),
            total: if new.is_empty() { 0 } else { total },
            commits: commits.into_iter().map(|commit| commit.revision(at)).collect(),
            summary: Summary::default(),
            old,
            new,
            elsewhere,
        };
        Told {
            source: forge.to_owned(),
            pusher: clean(&pusher),
            pusher_is_sure: true,
            pusher_email: email,
            at,
            refs: vec![moved],
            revised: vec![],
        }
    }
}

impl HubCommit {
    fn revision(self, at: DateTime<Utc>) -> Revision {
        let authored = DateTime::parse_from_rfc3339(&self.timestamp).unwrap_or(at.fixed_offset());
        let list = |paths: Option<Vec<String>>, status| {
            paths.unwrap_or_default().into_iter().map(move |path| Changed { path, status, ..Changed::default() })
        };
        let changes: Vec<Changed> = list(self.added, Status::Added)
            .chain(list(self.modified, Status::Modified))
            .chain(list(self.removed, Status::Deleted))
            .collect();
        let person =
            |person: HubPerson| (clean(&person.name.unwrap_or_default()), clean(&person.email.unwrap_or_default()));
        let (author_name, author_email) = person(self.author);
        let (committer_name, committer_email) = person(self.committer);
        let differs =
            !committer_name.is_empty() && (&committer_name, &committer_email) != (&author_name, &author_email);
        Revision {
            id: self.id,
            number: None,
            parents: vec![],
            committer: if differs { format!("{committer_name} <{committer_email}>") } else { String::new() },
            author_name,
            author_email,
            authored_at: authored.to_utc(),
            authored_offset: i64::from(authored.offset().local_minus_utc() / 60),
            committed_at: authored.to_utc(),
            message: message(self.message.as_bytes()),
            files: changes.len(),
            changes: changes.into_iter().take(MOST_PATHS).collect(),
            branch: String::new(),
        }
    }
}

/// Bitbucket Cloud's form: several refs in one push, the commits of each newest first.
#[derive(Deserialize)]
struct BitbucketPush {
    #[serde(default)]
    actor: Value,
    push: BitbucketChanges,
}

#[derive(Deserialize)]
struct BitbucketChanges {
    changes: Vec<BitbucketChange>,
}

#[derive(Deserialize)]
struct BitbucketChange {
    #[serde(default)]
    new: Option<BitbucketRef>,
    #[serde(default)]
    old: Option<BitbucketRef>,
    #[serde(default)]
    forced: bool,
    #[serde(default)]
    commits: Option<Vec<BitbucketCommit>>,
}

#[derive(Deserialize)]
struct BitbucketRef {
    #[serde(rename = "type", default)]
    kind: String,
    name: String,
    #[serde(default)]
    target: BitbucketTarget,
}

#[derive(Default, Deserialize)]
struct BitbucketTarget {
    #[serde(default)]
    hash: String,
}

#[derive(Deserialize)]
struct BitbucketCommit {
    hash: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    author: Value,
    #[serde(default)]
    links: Value,
}

impl BitbucketPush {
    fn told(self, at: DateTime<Utc>) -> Told {
        let word = |key: &str| self.actor[key].as_str().unwrap_or_default();
        let pusher = ["nickname", "username", "display_name"].map(word).into_iter().find(|name| !name.is_empty());
        Told {
            source: "bitbucket".into(),
            pusher: clean(pusher.unwrap_or_default()),
            pusher_is_sure: true,
            pusher_email: String::new(),
            at,
            refs: self.push.changes.into_iter().take(1_000).map(|change| change.told(at)).collect(),
            revised: vec![],
        }
    }
}

impl BitbucketChange {
    fn told(self, at: DateTime<Utc>) -> ToldRef {
        let named = self.new.as_ref().or(self.old.as_ref());
        let start = if named.is_some_and(|named| named.kind == "tag") { "refs/tags/" } else { "refs/heads/" };
        let refname = clean(&format!("{start}{}", named.map_or("", |named| named.name.as_str())));
        let id = |side: &Option<BitbucketRef>| {
            side.as_ref().map(|side| id_or_nothing(&side.target.hash)).unwrap_or_default()
        };
        let (old, new) = (id(&self.old), id(&self.new));
        let mut commits: Vec<BitbucketCommit> = self.commits.unwrap_or_default();
        commits.retain(|commit| !new.is_empty() && git::is_id(&commit.hash));
        commits.truncate(MOST_COMMITS);
        commits.reverse();
        let elsewhere: BTreeMap<String, String> = commits
            .iter()
            .map(|commit| (commit.hash.clone(), web_url(commit.links["html"]["href"].as_str().unwrap_or_default())))
            .collect();
        ToldRef {
            kind: kind(&refname).into(),
            change: change(&old, &new, self.forced).into(),
            refname,
            total: commits.len() as u64,
            commits: commits.into_iter().map(|commit| commit.revision(at)).collect(),
            summary: Summary::default(),
            old,
            new,
            elsewhere,
        }
    }
}

impl BitbucketCommit {
    fn revision(self, at: DateTime<Utc>) -> Revision {
        let authored = DateTime::parse_from_rfc3339(&self.date).unwrap_or(at.fixed_offset());
        let (author_name, author_email) = name_and_address(self.author["raw"].as_str().unwrap_or_default());
        Revision {
            id: self.hash,
            number: None,
            parents: vec![],
            author_name,
            author_email,
            committer: String::new(),
            authored_at: authored.to_utc(),
            authored_offset: i64::from(authored.offset().local_minus_utc() / 60),
            committed_at: authored.to_utc(),
            message: message(self.message.as_bytes()),
            changes: vec![],
            files: 0,
            branch: String::new(),
        }
    }
}

fn id_or_nothing(id: &str) -> String {
    if git::is_id(id) && !git::is_null(id) { id.to_owned() } else { String::new() }
}

fn change(old: &str, new: &str, forced: bool) -> &'static str {
    match (old.is_empty(), new.is_empty()) {
        (_, true) => "deleted",
        (true, _) => "created",
        _ if forced => "forced",
        _ => "updated",
    }
}

fn kind(refname: &str) -> &'static str {
    if refname.starts_with("refs/heads/") {
        "branch"
    } else if refname.starts_with("refs/tags/") {
        "tag"
    } else {
        "reference"
    }
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(250).collect::<String>().trim().to_owned()
}

/// The address of a page at the forge, when it is one of the web.
fn web_url(url: &str) -> String {
    let sound = (url.starts_with("https://") || url.starts_with("http://")) && url.len() < 1_000;
    if sound && !url.contains(char::is_whitespace) { url.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests;
