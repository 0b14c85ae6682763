//! What pushed commits say of issues: a comment on each issue they mention, and those they close become resolved.
//!
//! A commit speaks on an issue once, however often it is pushed to however many branches.

use std::collections::BTreeSet;

use async_trait::async_trait;
use journal::{Commit, Entry, Event, Failure, Mention, Subscriber};
use people::Actor;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use store::Tx;

use crate::catalog::Catalog;
use crate::change::{Change, Edit, NewMessage, Via};
use crate::entity::commit;
use crate::{Refusal, Tracker, issue, query};

/// The names of a status that says done, the first that a tracker has counts.
const RESOLVED: [&str; 4] = ["resolved", "fixed", "closed", "done"];

/// Answers pushes.
pub struct CloseByCommit(pub Tracker);

#[async_trait]
impl Subscriber for CloseByCommit {
    fn name(&self) -> &'static str {
        "tracker/commits"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["CommitsPushed"]
    }

    async fn answer_all(&self, tx: &Tx, entries: &[&Entry]) -> Result<(), Failure> {
        self.0.catalogs.hold(tx, mentioned(entries)).await?;
        for entry in entries {
            self.answer(tx, entry).await?;
        }
        Ok(())
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let Event::CommitsPushed { repository, commits, .. } = &entry.event else { return Ok(()) };
        for commit in commits {
            for mention in merged(&commit.mentions) {
                let name = mention.tracker.clone().unwrap_or_default();
                let Some(catalog) = self.0.catalogs.named(tx, &name).await? else { continue };
                let told = tell(&self.0, tx, &catalog, repository, commit, &mention).await;
                match told {
                    Ok(()) => {}
                    Err(refusal) if refusal.is_failure() => return Err(Failure(refusal.to_string())),
                    // What the issue refuses is an answer, not a failure.
                    Err(refusal) => {
                        tracing::info!(%refusal, commit = %commit.short, "a commit was not told to an issue")
                    }
                }
            }
        }
        Ok(())
    }
}

/// The trackers of which these pushes speak.
fn mentioned(entries: &[&Entry]) -> BTreeSet<String> {
    let mut trackers = BTreeSet::new();
    for entry in entries {
        let Event::CommitsPushed { commits, .. } = &entry.event else { continue };
        let mentions = commits.iter().flat_map(|commit| &commit.mentions);
        trackers.extend(mentions.map(|mention| mention.tracker.clone().unwrap_or_default()));
    }
    trackers
}

/// One mention an issue: it closes when any of them does.
fn merged(mentions: &[Mention]) -> Vec<Mention> {
    let mut merged: Vec<Mention> = Vec::new();
    for mention in mentions {
        match merged.iter_mut().find(|known| known.tracker == mention.tracker && known.issue == mention.issue) {
            Some(known) => known.closes |= mention.closes,
            None => merged.push(mention.clone()),
        }
    }
    merged
}

async fn tell(
    tracker: &Tracker,
    tx: &Tx,
    catalog: &Catalog,
    repository: &str,
    commit: &Commit,
    mention: &Mention,
) -> Result<(), Refusal> {
    let Some(issue) = query::issue(tx, catalog, mention.issue).await? else { return Ok(()) };
    if issue.row.is_retired || !first_time(tx, &issue, repository, commit).await? {
        return Ok(());
    }
    let actor = author(tx, commit).await?;
    let is_done = catalog.meaning(issue.value("status").ids().first().copied()) == "done";
    let resolved = RESOLVED.iter().find_map(|name| catalog.named("status", name));
    let says = match &resolved {
        _ if !mention.closes => Says::Mentions,
        _ if is_done => Says::AlreadyDone,
        Some(_) if actor.is_known() => Says::Closes,
        Some(_) => Says::Stranger,
        None => Says::NoStatus,
    };
    let text = text(&tracker.hub.url(&commit.url), repository, commit, says);
    let mut change =
        Change { via: Via::Commit, message: Some(NewMessage { text, ..NewMessage::default() }), ..Change::default() };
    if let (Says::Closes, Some(status)) = (says, resolved) {
        change.edits.insert("status".into(), Edit::Set(status));
    }
    issue::change(tx, &actor, catalog, mention.issue, change).await?;
    Ok(())
}

/// Notes that a commit speaks on an issue; false when it did before.
async fn first_time(tx: &Tx, issue: &issue::Issue, repository: &str, commit: &Commit) -> Result<bool, Refusal> {
    let row = commit::ActiveModel {
        issue_id: Set(issue.row.id),
        repository: Set(repository.to_owned()),
        commit_id: Set(commit.id.clone()),
        ..Default::default()
    };
    let columns = [commit::Column::IssueId, commit::Column::Repository, commit::Column::CommitId];
    let inserted = commit::Entity::insert(row)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await;
    match inserted {
        Ok(rows) => Ok(rows > 0),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Who committed: the user whose confirmed address it is, else whoever has the address or the name.
async fn author(tx: &Tx, commit: &Commit) -> Result<Actor, Refusal> {
    let address = if people::participant::is_address(&commit.author_email) {
        commit.author_email.clone()
    } else {
        format!("commit:{}", commit.author_name)
    };
    Ok(people::participant::actor_of(tx, &commit.author_name, &address).await?)
}

/// What a commit does to an issue.
#[derive(Clone, Copy)]
enum Says {
    Mentions,
    Closes,
    /// It closes what was done before.
    AlreadyDone,
    /// It asks to close, and the committer's address belongs to no account.
    Stranger,
    /// It asks to close, and the tracker has no status for that.
    NoStatus,
}

impl Says {
    /// What it does, and why that is not what the commit asks for.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Mentions => ("mentions this issue", ""),
            Self::Closes => ("closes this issue", ""),
            Self::AlreadyDone => ("says that it closes this issue, which was done before", ""),
            Self::Stranger => (
                "asks to close this issue",
                "\n\nIt stays as it is: the committer's address belongs to no account here. Somebody of the project can close it.",
            ),
            Self::NoStatus => (
                "asks to close this issue",
                "\n\nIt stays as it is: none of the statuses here is called resolved, fixed, closed or done.",
            ),
        }
    }
}

fn text(url: &str, repository: &str, commit: &Commit, says: Says) -> String {
    let (verb, but) = says.words();
    format!(
        "Commit {} by {} in {repository} {verb}:\n\n    {}\n\n{url}{but}",
        commit.short, commit.author_name, commit.subject
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_speaks_once_of_an_issue() {
        let mention = |issue, closes| Mention { tracker: None, issue, closes };
        let merged = merged(&[mention(1, false), mention(2, false), mention(1, true)]);
        assert_eq!(merged, [mention(1, true), mention(2, false)]);
    }
}
