//! Pushes: the only door through which commits enter.

use std::collections::{HashMap, HashSet};

use journal::Event;
use people::{Actor, ParticipantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use store::{BlobId, Tuples, Tx};

use crate::entity::{branch, push, push_ref, repository, revision};
use crate::learn::{Told, ToldRef};
use crate::repository::Repository;
use crate::vcs::{Revision, subject};
use crate::{RefId, Refusal, references, url};

pub use crate::entity::push::Model as Push;
pub use crate::entity::push_ref::Model as MovedRef;

/// Commits of one push that stand in its event.
const IN_EVENT: usize = 100;
/// Refs of one push that have an event of their own; the push page has all.
const EVENTS: usize = 50;

/// What else happened to a ref, beside the new commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What git says the ref points at: `commit`, `tag`.
    #[serde(default)]
    pub new_type: String,
    /// Commits that left the ref, whether others have them or not.
    #[serde(default)]
    pub omitted_total: u64,
    /// Of those, some that other refs still have.
    #[serde(default)]
    pub omitted: Vec<Brief>,
    /// Of those, how many no ref has any more.
    #[serde(default)]
    pub gone_total: u64,
    #[serde(default)]
    pub gone: Vec<Brief>,
    /// Commits that others had before and this ref has now.
    #[serde(default)]
    pub added_total: u64,
    #[serde(default)]
    pub added: Vec<Brief>,
}

/// A commit in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    pub id: String,
    pub subject: String,
}

/// Records what a record told; a record that was read before gives its push again and changes nothing.
pub async fn record(tx: &Tx, repository: &Repository, key: &str, raw: BlobId, told: Told) -> Result<Push, Refusal> {
    if let Some(known) = crate::query::push_of_record(tx, repository.id, key).await? {
        return Ok(known);
    }
    let told = without_known(tx, repository, told).await?;
    let commits: Vec<&Revision> = told.refs.iter().flat_map(|moved| &moved.commits).collect();
    let authors = authors(tx, repository, &commits).await?;
    let (actor, pusher) = pusher(tx, &told, &authors).await?;
    let row = push::ActiveModel {
        repository_id: Set(repository.id),
        record: Set(key.to_owned()),
        source: Set(told.source.clone()),
        raw: Set(raw.0),
        pusher: Set(pusher),
        participant_id: Set(actor.participant()),
        at: Set(told.at),
        recorded_at: Set(tx.now()),
        total: Set(told.refs.iter().map(|moved| moved.total as i64).sum()),
        mailed_at: Set(None),
        ..Default::default()
    };
    let push = row.insert(tx).await?;
    let mut position = 0;
    for (place, moved) in told.refs.iter().enumerate() {
        let id = keep_ref(tx, &push, place, moved).await?;
        keep_revisions(tx, repository, &push, id, moved, &authors, &mut position).await?;
        move_branch(tx, repository, moved).await?;
    }
    announce(tx, repository, &actor, &push, &told, &authors).await?;
    let pushed =
        repository::ActiveModel { id: Set(repository.id), pushed_at: Set(Some(told.at)), ..Default::default() };
    pushed.update(tx).await?;
    Ok(push)
}

/// Notes that the message or the author of a known revision was changed, and has it indexed anew. Nobody is told: what
/// it asked of issues was asked when it came.
pub async fn revise(tx: &Tx, repository: &Repository, told: &Told) -> Result<(), Refusal> {
    let commits: Vec<&Revision> = told.revised.iter().collect();
    let authors = authors(tx, repository, &commits).await?;
    for commit in &told.revised {
        let Some(known) = crate::query::revision(tx, repository.id, &commit.id).await? else { continue };
        let author = authors.get(&(commit.author_name.clone(), commit.author_email.clone()));
        let row = revision::ActiveModel {
            id: Set(known.id),
            author_name: Set(commit.author_name.clone()),
            participant_id: Set(author.map(|author| author.participant)),
            subject: Set(subject(&commit.message)),
            message: Set(commit.message.clone()),
            ..Default::default()
        };
        row.update(tx).await?;
        if let Some(push) = known.push_id {
            jobs::enqueue(tx, "IndexPush", &push.to_string(), serde_json::json!({ "push": push })).await?;
        }
    }
    Ok(())
}

/// What was told without the commits that an earlier push brought.
async fn without_known(tx: &Tx, repository: &Repository, mut told: Told) -> Result<Told, Refusal> {
    let ids: Vec<&str> = told.refs.iter().flat_map(|moved| &moved.commits).map(|commit| commit.id.as_str()).collect();
    let mut known: HashSet<String> = HashSet::new();
    for ids in ids.chunks(500) {
        let rows: Vec<String> = revision::Entity::find()
            .select_only()
            .column(revision::Column::CommitId)
            .filter(revision::Column::RepositoryId.eq(repository.id))
            .filter(revision::Column::CommitId.is_in(ids.iter().copied()))
            .tuples()
            .all(tx)
            .await?;
        known.extend(rows);
    }
    for moved in &mut told.refs {
        let before = moved.commits.len();
        // A commit is described once, with the first ref that has it.
        moved.commits.retain(|commit| known.insert(commit.id.clone()));
        moved.total -= ((before - moved.commits.len()) as u64).min(moved.total);
    }
    Ok(told)
}

/// Who wrote the commits: by address, or by login where the system knows no address.
type Authors = HashMap<(String, String), Author>;

#[derive(Clone)]
struct Author {
    participant: ParticipantId,
    /// The address of the commit, or that of the user with this login.
    email: String,
}

async fn authors(tx: &Tx, repository: &Repository, commits: &[&Revision]) -> Result<Authors, Refusal> {
    let mut authors = Authors::new();
    for commit in commits {
        let key = (commit.author_name.clone(), commit.author_email.clone());
        if authors.contains_key(&key) {
            continue;
        }
        let author = if people::participant::is_address(&commit.author_email) {
            let participant = people::participant::by_address(tx, &commit.author_name, &commit.author_email).await?;
            Author { participant, email: commit.author_email.clone() }
        } else if let Some(user) = people::user::by_name(tx, &commit.author_name).await? {
            let email = people::user::mail_addresses(tx, vec![user.id]).await?.pop().map(|(_, _, email)| email);
            Author { participant: user.participant_id, email: email.unwrap_or_default() }
        } else {
            let foreign = format!("{}:{}", repository.vcs, commit.author_name);
            let participant = people::participant::by_address(tx, &commit.author_name, &foreign).await?;
            Author { participant, email: String::new() }
        };
        authors.insert(key, author);
    }
    Ok(authors)
}

/// Who pushed: the user of the login; else whoever has the address; else, when only an account of the machine is known,
/// who wrote the newest commit.
async fn pusher(tx: &Tx, told: &Told, authors: &Authors) -> Result<(Actor, String), Refusal> {
    if !told.pusher.is_empty()
        && let Some(user) = people::user::by_name(tx, &told.pusher).await?
    {
        return Ok((people::user::actor(tx, user.id).await?, told.pusher.clone()));
    }
    if people::participant::is_address(&told.pusher_email) {
        let actor = people::participant::actor_of(tx, &told.pusher, &told.pusher_email).await?;
        return Ok((actor, told.pusher.clone()));
    }
    let newest = told.refs.iter().filter_map(|moved| moved.commits.last()).next_back();
    if !told.pusher_is_sure
        && let Some(commit) = newest
        && let Some(author) = authors.get(&(commit.author_name.clone(), commit.author_email.clone()))
    {
        let actor = if people::participant::is_address(&author.email) {
            people::participant::actor_of(tx, &commit.author_name, &author.email).await?
        } else {
            Actor::Participant { id: author.participant, name: commit.author_name.clone() }
        };
        return Ok((actor, commit.author_name.clone()));
    }
    let name = if told.pusher.is_empty() { "somebody" } else { told.pusher.as_str() };
    let id = people::participant::by_address(tx, name, &format!("pusher:{name}")).await?;
    Ok((Actor::Participant { id, name: name.to_owned() }, name.to_owned()))
}

async fn keep_ref(tx: &Tx, push: &Push, place: usize, moved: &ToldRef) -> Result<RefId, Refusal> {
    let row = push_ref::ActiveModel {
        push_id: Set(push.id),
        position: Set(whole(place)),
        refname: Set(moved.refname.clone()),
        kind: Set(moved.kind.clone()),
        change: Set(moved.change.clone()),
        old_id: Set(moved.old.clone()),
        new_id: Set(moved.new.clone()),
        fresh: Set(moved.total as i64),
        summary: Set(serde_json::to_string(&moved.summary).unwrap_or_default()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

async fn keep_revisions(
    tx: &Tx,
    repository: &Repository,
    push: &Push,
    moved_id: RefId,
    moved: &ToldRef,
    authors: &Authors,
    position: &mut i64,
) -> Result<(), Refusal> {
    for commits in moved.commits.chunks(200) {
        let rows: Vec<_> = commits
            .iter()
            .map(|commit| {
                let author = authors.get(&(commit.author_name.clone(), commit.author_email.clone()));
                let place = *position;
                *position += 1;
                revision::ActiveModel {
                    repository_id: Set(repository.id),
                    push_id: Set(Some(push.id)),
                    push_ref_id: Set(Some(moved_id)),
                    position: Set(place),
                    participant_id: Set(author.map(|author| author.participant)),
                    branch: Set(url::short_ref(&moved.refname).to_owned()),
                    elsewhere: Set(moved.elsewhere.get(&commit.id).cloned().unwrap_or_default()),
                    ..row_of(commit)
                }
            })
            .collect();
        revision::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row_of(commit: &Revision) -> revision::ActiveModel {
    revision::ActiveModel {
        commit_id: Set(commit.id.clone()),
        number: Set(commit.number),
        author_name: Set(commit.author_name.clone()),
        author_email: Set(commit.author_email.clone()),
        committer: Set(commit.committer.clone()),
        authored_at: Set(commit.authored_at),
        authored_offset: Set(commit.authored_offset),
        committed_at: Set(commit.committed_at),
        subject: Set(subject(&commit.message)),
        message: Set(commit.message.clone()),
        parents: Set(commit.parents.join(" ")),
        files: Set(whole(commit.files)),
        added: Set(commit.changes.iter().map(|change| change.added as i64).sum()),
        removed: Set(commit.changes.iter().map(|change| change.removed as i64).sum()),
        changes: Set(serde_json::to_string(&commit.changes).unwrap_or_default()),
        ..Default::default()
    }
}

/// Notes where a ref stands now.
async fn move_branch(tx: &Tx, repository: &Repository, moved: &ToldRef) -> Result<(), Refusal> {
    if moved.new.is_empty() {
        branch::Entity::delete_many()
            .filter(branch::Column::RepositoryId.eq(repository.id))
            .filter(branch::Column::Refname.eq(&moved.refname))
            .exec(tx)
            .await?;
        return Ok(());
    }
    let row = branch::ActiveModel {
        repository_id: Set(repository.id),
        refname: Set(moved.refname.clone()),
        head: Set(moved.new.clone()),
        moved_at: Set(tx.now()),
        ..Default::default()
    };
    let known = OnConflict::columns([branch::Column::RepositoryId, branch::Column::Refname])
        .update_columns([branch::Column::Head, branch::Column::MovedAt])
        .to_owned();
    branch::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Appends an event for each ref that moved, those with new commits first.
async fn announce(
    tx: &Tx,
    repository: &Repository,
    actor: &Actor,
    push: &Push,
    told: &Told,
    authors: &Authors,
) -> Result<(), Refusal> {
    let (fresh, rest): (Vec<&ToldRef>, Vec<&ToldRef>) = told.refs.iter().partition(|moved| moved.total > 0);
    for moved in fresh.into_iter().chain(rest).take(EVENTS) {
        let may_close = closes_on(&repository.closes_on, url::short_ref(&moved.refname));
        let commits =
            moved.commits.iter().take(IN_EVENT).map(|commit| event_commit(repository, commit, authors, may_close));
        let event = Event::CommitsPushed {
            repository: repository.name.clone(),
            push: push.id.0,
            vcs: repository.vcs.clone(),
            refname: moved.refname.clone(),
            url: url::push(&repository.name, push.id),
            pusher: push.pusher.clone(),
            commits: commits.collect(),
            total: moved.total,
            audience: repository.audience.clone(),
            change: moved.change.clone(),
            channel: repository.channel.clone(),
        };
        journal::append(tx, actor, event)?;
    }
    Ok(())
}

fn event_commit(repository: &Repository, commit: &Revision, authors: &Authors, may_close: bool) -> journal::Commit {
    let author = authors.get(&(commit.author_name.clone(), commit.author_email.clone()));
    let own = Some(repository.tracker.clone()).filter(|name| !name.is_empty());
    let mentions = references::find(&commit.message).into_iter().map(|mut mention| {
        mention.tracker = mention.tracker.or_else(|| own.clone());
        mention.closes &= may_close;
        mention
    });
    let end = commit.message.char_indices().nth(4_000).map_or(commit.message.len(), |(at, _)| at);
    journal::Commit {
        id: commit.id.clone(),
        short: url::short(&commit.id),
        author_name: commit.author_name.clone(),
        author_email: author.map(|author| author.email.clone()).unwrap_or_default(),
        subject: subject(&commit.message),
        message: commit.message[..end].to_owned(),
        url: url::commit(&repository.name, &commit.id),
        paths: commit.changes.iter().take(200).map(|change| change.path.clone()).collect(),
        mentions: mentions.collect(),
    }
}

/// Whether a commit on `branch` closes issues: any of the globs fits, or there is none.
fn closes_on(globs: &str, branch: &str) -> bool {
    globs.trim().is_empty() || globs.split_whitespace().any(|glob| fits(glob.as_bytes(), branch.as_bytes()))
}

/// Whether a text fits a glob, in which `*` stands for anything.
fn fits(glob: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < text.len() {
        if glob.get(at) == Some(&b'*') {
            star = Some((at, place));
            at += 1;
        } else if glob.get(at) == text.get(place) {
            (at, place) = (at + 1, place + 1);
        } else if let Some((open, from)) = star {
            star = Some((open, from + 1));
            (at, place) = (open + 1, from + 1);
        } else {
            return false;
        }
    }
    glob[at..].iter().all(|byte| *byte == b'*')
}

/// The refs of a push with what its row keeps as text.
pub fn summary_of(moved: &MovedRef) -> Summary {
    serde_json::from_str(&moved.summary).unwrap_or_default()
}

/// A number for a column of 32 bits.
fn whole(number: usize) -> i64 {
    i64::from(i32::try_from(number).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_closed_on_the_branches_that_say_so() {
        for (globs, branch, wanted) in [
            ("", "x", true),
            ("main release/*", "main", true),
            ("main release/*", "release/2.7", true),
            ("main release/*", "feature", false),
            ("*", "a/b", true),
            ("a*c*", "abcd", true),
            ("a*c", "abcd", false),
        ] {
            assert_eq!(closes_on(globs, branch), wanted, "{globs} {branch}");
        }
    }
}
