//! The page of a commit, and its patch.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Duration, Utc};
use http::header;
use kernel::context;
use people::ParticipantId;
use serde::Serialize;
use web::Page;

use super::list::Who;
use super::repository::head;
use super::{Commits, visible};
use crate::diff::{self, Shown};
use crate::repository::Repository;
use crate::vcs::{self, Changed, Vcs, ask::Answer, git, hg, svn};
use crate::{Refusal, query, references, url};

/// How much of a diff is read for a page, bytes.
const LARGEST_DIFF: usize = 2 << 20;
/// The largest patch that is handed out, bytes.
const LARGEST_PATCH: usize = 50 << 20;

/// A commit as its page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownCommit {
    pub id: String,
    pub short: String,
    pub subject: String,
    /// The message without its subject, as safe HTML.
    pub message: String,
    pub author: Who,
    /// `2026-11-20 12:00 +0200`
    pub written: String,
    pub at: DateTime<Utc>,
    pub committer: String,
    pub committed_at: DateTime<Utc>,
    pub parents: Vec<Parent>,
    /// What its message says of issues.
    pub mentions: Vec<ShownMention>,
    pub branch: String,
    pub branch_url: String,
    pub push_url: Option<String>,
    pub elsewhere: String,
    pub patch: Option<String>,
}

/// `closes #12`.
#[derive(Clone, Debug, Serialize)]
pub struct ShownMention {
    pub label: String,
    pub url: String,
}

/// A commit before.
#[derive(Clone, Debug, Serialize)]
pub struct Parent {
    pub short: String,
    pub url: String,
}

/// A commit, from its row or from the repository itself.
struct Found {
    revision: vcs::Revision,
    participant: Option<ParticipantId>,
    push: Option<crate::PushId>,
    elsewhere: String,
}

/// The page of a commit; with `.patch` at the end of its address, the commit as a mail.
pub async fn show(
    State(_): State<Commits>,
    page: Page,
    Path((name, word)): Path<(String, String)>,
) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let (id, wants_patch) = match word.strip_suffix(".patch") {
        Some(id) => (id, true),
        None => (word.as_str(), false),
    };
    let found = find(&page, &repository, id).await?;
    let found = found.ok_or_else(|| web::Error::no(format!("commit {id} in {name}")))?;
    let whole = url::commit(&repository.name, &found.revision.id);
    if wants_patch {
        return patch(&repository, &found.revision.id).await;
    }
    if whole != format!("/commits/{}/{}", web::urlpart(&name), web::urlpart(&word)) {
        return Ok(web::see_other(whole));
    }
    render(&page, &repository, found).await
}

/// The commit of an id, whole or abbreviated: one that came with a push, else one that was there before.
async fn find(page: &Page, repository: &Repository, id: &str) -> web::Result<Option<Found>> {
    let bare = if repository.system() == Vcs::Svn { id.strip_prefix('r').unwrap_or(id) } else { id };
    let id = bare.to_ascii_lowercase();
    let conn = page.hub().store.read();
    let mut row = query::revision(&conn, repository.id, &id).await?;
    if row.is_none() && git::is_id(&id) && repository.system() != Vcs::Svn {
        let near = query::abbreviated(&conn, page.actor(), Some(repository.id), &id, 1).await?;
        if let [(_, whole)] = near.as_slice() {
            row = query::revision(&conn, repository.id, whole).await?;
        }
    }
    if let Some(row) = row {
        return Ok(Some(Found::of(row)));
    }
    let found = match in_repository(repository, &id).await {
        Err(error) if is_away(repository) => {
            tracing::warn!(repository = repository.name, %error, "a repository is not at its place");
            let name = &repository.name;
            return Err(web::Error::NotFound(format!(
                "The hub has not heard of a commit {id} in {name}, and the repository is not at its place, so that it \
                 cannot be asked."
            )));
        }
        found => found.map_err(Refusal::from)?,
    };
    Ok(found.map(|revision| Found { revision, participant: None, push: None, elsewhere: String::new() }))
}

async fn in_repository(repository: &Repository, id: &str) -> Result<Option<vcs::Revision>, vcs::ask::AskError> {
    let Some(folder) = repository.folder() else { return Ok(None) };
    match repository.system() {
        Vcs::Git => git::show(folder, id).await,
        Vcs::Hg if hg::is_node(id) => hg::show(folder, id).await,
        Vcs::Hg => Ok(None),
        Vcs::Svn => {
            let Ok(number) = id.parse::<u64>() else { return Ok(None) };
            if number == 0 || number > svn::youngest(folder).await? {
                return Ok(None);
            }
            svn::revision(folder, number).await.map(Some)
        }
    }
}

impl Found {
    fn of(row: query::Revision) -> Self {
        let changes: Vec<Changed> = serde_json::from_str(&row.changes).unwrap_or_default();
        let revision = vcs::Revision {
            id: row.commit_id,
            number: row.number,
            parents: row.parents.split_whitespace().map(str::to_owned).collect(),
            author_name: row.author_name,
            author_email: row.author_email,
            committer: row.committer,
            authored_at: row.authored_at,
            authored_offset: row.authored_offset,
            committed_at: row.committed_at,
            message: row.message,
            changes,
            files: usize::try_from(row.files).unwrap_or_default(),
            branch: row.branch,
        };
        Self { revision, participant: row.participant_id, push: row.push_id, elsewhere: row.elsewhere }
    }
}

async fn render(page: &Page, repository: &Repository, found: Found) -> web::Result<Response> {
    let lines = of_folder(repository, &found.revision.id, LARGEST_DIFF).await;
    let is_there = matches!(lines, Lines::There(_));
    let shown = match lines {
        Lines::There(answer) => shown_lines(&answer, &found.revision),
        Lines::Elsewhere => {
            without_lines(&found.revision, "The lines of this change stand at the forge that told of it.")
        }
        Lines::Away(why) => {
            let shown = without_lines(&found.revision, "The lines of this change are in the repository.");
            Shown { note: Some(format!("{why} This is what the hub knows of the commit.")), ..shown }
        }
    };
    let conn = page.hub().store.read();
    let known = people::participant::shown(&conn, found.participant).await?;
    let mut commit = shown_commit(page, repository, &known, found);
    commit.patch = commit.patch.filter(|_| is_there);
    let mut backlinks = match repository.system() {
        Vcs::Svn => search::backlinks(&conn, page.actor(), &[format!("revision:{}", commit.id)], 50).await?,
        _ => search::backlinks_of_commit(&conn, page.actor(), &commit.id, 50).await?,
    };
    let own = url::commit(&repository.name, &commit.id);
    backlinks.retain(|link| link.url != own);
    let plain = commit.patch.clone();
    page.render(
        "commits/commit.show.html",
        context! {
            title: format!("{}: {}", commit.short, commit.subject), repository: head(repository), commit, diff: shown,
            backlinks, plain,
        },
    )
}

fn patch_url(repository: &Repository, own: &str) -> Option<String> {
    repository.folder().map(|_| format!("{own}.patch"))
}

fn shown_commit(
    page: &Page,
    repository: &Repository,
    known: &std::collections::HashMap<ParticipantId, people::Participant>,
    found: Found,
) -> ShownCommit {
    let Found { revision, participant, push, elsewhere } = found;
    let subject = vcs::subject(&revision.message);
    let body = revision.message.trim_start().split_once('\n').map_or("", |(_, rest)| rest.trim_matches('\n'));
    let viewer = markup::Viewer { knows_addresses: page.knows_addresses() };
    let local = revision.authored_at + Duration::minutes(revision.authored_offset);
    let (hours, minutes) = (revision.authored_offset.abs() / 60, revision.authored_offset.abs() % 60);
    let sign = if revision.authored_offset < 0 { '-' } else { '+' };
    let own = url::commit(&repository.name, &revision.id);
    ShownCommit {
        short: url::short(&revision.id),
        subject,
        message: if body.is_empty() {
            String::new()
        } else {
            markup::message_html(body, markup::Format::Plain, &viewer)
        },
        author: Who::of(known, participant, &revision.author_name),
        written: format!("{} {sign}{hours:02}{minutes:02}", local.format("%Y-%m-%d %H:%M")),
        at: revision.authored_at,
        committer: revision.committer.split(" <").next().unwrap_or_default().to_owned(),
        committed_at: revision.committed_at,
        parents: revision
            .parents
            .iter()
            .map(|id| Parent { short: url::short(id), url: url::commit(&repository.name, id) })
            .collect(),
        mentions: references::find(&revision.message)
            .iter()
            .map(|mention| shown_mention(repository, mention))
            .collect(),
        branch_url: url::branch(&repository.name, &revision.branch),
        branch: revision.branch,
        push_url: push.map(|push| url::push(&repository.name, push)),
        elsewhere,
        patch: patch_url(repository, &own),
        id: revision.id,
    }
}

fn shown_mention(repository: &Repository, mention: &journal::Mention) -> ShownMention {
    let own = Some(&repository.tracker).filter(|name| !name.is_empty());
    let tracker = mention.tracker.as_ref().or(own);
    let word = if mention.closes { "closes " } else { "" };
    match tracker {
        Some(name) => ShownMention {
            label: format!("{word}{name}#{}", mention.issue),
            url: format!("/issues/{}/{}", web::urlpart(name), mention.issue),
        },
        None => ShownMention { label: format!("{word}#{}", mention.issue), url: format!("/issues/{}", mention.issue) },
    }
}

/// The diff as it was read of the repository.
fn shown_lines(answer: &Answer, revision: &vcs::Revision) -> Shown {
    let files = diff::parse(&answer.bytes);
    if answer.cut { diff::show_cut(files, &revision.changes, revision.files) } else { diff::show(files) }
}

/// A diff without lines, of a repository that cannot be asked; `note` says of each file why.
fn without_lines(revision: &vcs::Revision, note: &str) -> Shown {
    let mut shown = diff::show(revision.changes.iter().map(diff::File::without_lines).collect());
    shown.total = shown.total.max(revision.files);
    shown.note = (shown.total > shown.files.len())
        .then(|| format!("{} of {} files are named here.", shown.files.len(), shown.total));
    for file in &mut shown.files {
        (file.note, file.open) = (Some(note.to_owned()), false);
    }
    shown
}

/// The lines of a commit.
enum Lines {
    There(Answer),
    /// At a forge.
    Elsewhere,
    /// The repository could not be asked, for the reason given.
    Away(String),
}

/// Whether a repository that should lie on this machine does not.
fn is_away(repository: &Repository) -> bool {
    repository.folder().is_some_and(|folder| !folder.exists())
}

async fn of_folder(repository: &Repository, id: &str, most: usize) -> Lines {
    let Some(folder) = repository.folder() else { return Lines::Elsewhere };
    let answer = match repository.system() {
        Vcs::Git => git::diff(folder, id, most).await,
        Vcs::Hg => hg::diff(folder, id, most).await,
        Vcs::Svn => svn::diff(folder, id.parse().unwrap_or_default(), most).await,
    };
    let error = match answer {
        Ok(answer) => return Lines::There(answer),
        Err(error) => error,
    };
    tracing::warn!(repository = repository.name, commit = id, %error, "the lines of a commit cannot be had");
    Lines::Away(match error {
        _ if is_away(repository) => "The repository is not at its place on the machine of the hub.".to_owned(),
        // A commit that no branch has any more may be swept away; its row stays.
        vcs::ask::AskError::Said { .. } => "The repository does not have this commit any more.".to_owned(),
        _ => "The repository cannot be read at this moment.".to_owned(),
    })
}

async fn patch(repository: &Repository, id: &str) -> web::Result<Response> {
    let folder =
        repository.folder().ok_or_else(|| web::Error::no(format!("patch of {id}: the repository lives elsewhere")))?;
    let answer = match repository.system() {
        Vcs::Git => git::patch(folder, id, LARGEST_PATCH).await,
        Vcs::Hg => hg::patch(folder, id, LARGEST_PATCH).await,
        Vcs::Svn => svn::diff(folder, id.parse().unwrap_or_default(), LARGEST_PATCH).await,
    };
    let answer = match answer {
        Err(_) if is_away(repository) => {
            let what = format!("patch of {id} now: the repository is not at its place on the machine of the hub");
            return Err(web::Error::no(what));
        }
        answer => answer.map_err(Refusal::from)?,
    };
    if answer.cut {
        return Err(web::Error::Refused(format!(
            "The patch is larger than {} MB. Fetch the commit itself.",
            LARGEST_PATCH >> 20
        )));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], answer.bytes).into_response())
}
