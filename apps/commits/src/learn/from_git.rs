//! What a `post-receive` of git tells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{LearnError, ToldRef, brief};
use crate::push::Summary;
use crate::record::Hooked;
use crate::vcs::MOST_COMMITS;
use crate::vcs::ask::AskError;
use crate::vcs::git::{self, Range};

/// Refs of one push that are looked at.
const MOST_REFS: usize = 10_000;
/// Commits that are listed as added or gone.
const LISTED: usize = 100;
/// Refs that forges keep for themselves.
const PRIVATE: [&str; 6] =
    ["refs/pull/", "refs/merge-requests/", "refs/changes/", "refs/keep-around/", "refs/guildhall/", "refs/stash"];

/// One line of the hook's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Update {
    /// Empty when the ref is new.
    old: String,
    /// Empty when the ref is gone.
    new: String,
    refname: String,
}

/// The refs that moved, branches first, each commit described with the first that has it.
pub async fn refs(
    folder: &Path,
    hooked: &Hooked,
    known: &BTreeMap<String, String>,
) -> Result<Vec<ToldRef>, LearnError> {
    let updates = updates(&hooked.input.0);
    // Where every ref stood: as the hub knows it, and as the hook says for those that moved.
    let mut stood = known.clone();
    for update in &updates {
        match update.old.as_str() {
            "" => drop(stood.remove(&update.refname)),
            old => drop(stood.insert(update.refname.clone(), old.to_owned())),
        }
    }
    let mut stand = stood.clone();
    for update in &updates {
        match update.new.as_str() {
            "" => drop(stand.remove(&update.refname)),
            new => drop(stand.insert(update.refname.clone(), new.to_owned())),
        }
    }
    let ids: BTreeSet<String> = stood.values().chain(stand.values()).cloned().collect();
    let kinds = git::kinds(folder, &ids.into_iter().collect::<Vec<_>>()).await?;
    let there = |ids: &BTreeMap<String, String>| -> Vec<String> {
        ids.values().filter(|id| is_history(&kinds, id)).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    };
    let (mut without, after) = (there(&stood), there(&stand));
    let mut told = Vec::with_capacity(updates.len());
    for update in updates {
        told.push(one(folder, &update, &kinds, &without, &after).await?);
        if is_history(&kinds, &update.new) {
            without.push(update.new);
        }
    }
    Ok(told)
}

/// Whether an id is there and has a history: a commit, or a tag (of a commit, nearly always).
fn is_history(kinds: &BTreeMap<String, String>, id: &str) -> bool {
    matches!(kinds.get(id).map(String::as_str), Some("commit" | "tag"))
}

async fn one(
    folder: &Path,
    update: &Update,
    kinds: &BTreeMap<String, String>,
    without: &[String],
    after: &[String],
) -> Result<ToldRef, AskError> {
    let Update { old, new, refname } = update;
    let (had, has) = (is_history(kinds, old), is_history(kinds, new));
    let mut told = ToldRef {
        kind: kind(refname, kinds.get(if new.is_empty() { old } else { new }).map(String::as_str)).to_owned(),
        change: if old.is_empty() {
            "created"
        } else if new.is_empty() {
            "deleted"
        } else {
            "updated"
        }
        .to_owned(),
        refname: refname.clone(),
        old: old.clone(),
        new: new.clone(),
        ..ToldRef::default()
    };
    if has {
        let range = Range { with: vec![new.clone()], without: without.to_vec() };
        told.commits = git::log(folder, &range).await?;
        told.total = told.commits.len() as u64;
        if told.commits.len() >= MOST_COMMITS {
            told.total = git::count(folder, &range).await?;
        }
    }
    let mut summary = Summary { new_type: kinds.get(new).cloned().unwrap_or_default(), ..Summary::default() };
    let mut came = 0;
    if had && has {
        (summary.omitted_total, came) = git::apart(folder, old, new).await?;
        if summary.omitted_total > 0 {
            told.change = "forced".into();
        }
    }
    if had && (new.is_empty() || summary.omitted_total > 0) {
        // Of what left this ref, what no ref has any more.
        let gone = Range { with: vec![old.clone()], without: after.to_vec() };
        summary.gone_total = git::count(folder, &gone).await?;
        let gone: BTreeSet<String> = git::ids(folder, &gone, LISTED).await?.into_iter().collect();
        let left = Range { with: vec![old.clone()], without: if has { vec![new.clone()] } else { vec![] } };
        summary.omitted = listed(folder, &left, &gone, false, new.is_empty()).await?;
        summary.gone = listed(folder, &left, &gone, true, new.is_empty()).await?;
    }
    summary.added_total = came.saturating_sub(told.total);
    if summary.added_total > 0 {
        // What this ref has now and others had before.
        let now = Range { with: vec![new.clone()], without: vec![old.clone()] };
        let fresh: BTreeSet<&str> = told.commits.iter().map(|commit| commit.id.as_str()).collect();
        let ids = git::ids(folder, &now, LISTED + told.commits.len()).await?;
        let ids: Vec<String> = ids.into_iter().filter(|id| !fresh.contains(id.as_str())).take(LISTED).collect();
        summary.added = briefs(folder, ids).await?;
    }
    told.summary = summary;
    Ok(told)
}

/// The commits of a range that are (or are not) gone for ever. Of a ref that was deleted only those that are gone.
async fn listed(
    folder: &Path,
    left: &Range,
    gone: &BTreeSet<String>,
    wants_gone: bool,
    deleted: bool,
) -> Result<Vec<crate::push::Brief>, AskError> {
    if deleted && !wants_gone {
        return Ok(vec![]);
    }
    let ids = if deleted { gone.iter().cloned().collect() } else { git::ids(folder, left, LISTED).await? };
    briefs(folder, ids.into_iter().filter(|id| gone.contains(id) == wants_gone).collect()).await
}

async fn briefs(folder: &Path, ids: Vec<String>) -> Result<Vec<crate::push::Brief>, AskError> {
    Ok(git::subjects(folder, &ids).await?.iter().map(brief).collect())
}

/// The lines of `post-receive` (githooks(5)): `old new ref`, branches first, what is deleted last among its kind, private refs left out.
pub(crate) fn updates(input: &[u8]) -> Vec<Update> {
    let mut seen = BTreeSet::new();
    let mut updates: Vec<Update> = input
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let line = crate::vcs::text(line);
            let mut words = line.trim_end_matches('\r').splitn(3, ' ');
            let (old, new, refname) = (words.next()?, words.next()?, words.next()?);
            let sound = git::is_id(old) && git::is_id(new) && old != new && refname.starts_with("refs/");
            let id = |id: &str| if git::is_null(id) { String::new() } else { id.to_owned() };
            (sound && !PRIVATE.iter().any(|private| refname.starts_with(private))).then(|| Update {
                old: id(old),
                new: id(new),
                refname: refname.to_owned(),
            })
        })
        .filter(|update| seen.insert(update.refname.clone()))
        .take(MOST_REFS)
        .collect();
    updates.sort_by_key(|update| (!update.refname.starts_with("refs/heads/"), update.new.is_empty()));
    updates
}

fn kind(refname: &str, object: Option<&str>) -> &'static str {
    if refname.starts_with("refs/heads/") {
        "branch"
    } else if refname.starts_with("refs/tags/") {
        if object == Some("tag") { "annotated tag" } else { "tag" }
    } else {
        "reference"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_a_hook_are_read() {
        let null = "0".repeat(40);
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let input = format!(
            "{null} {a} refs/tags/v1\n{a} {b} refs/heads/x y\nnonsense\n{a} {b} refs/pull/1/head\n{a} {null} refs/heads/z\n"
        );
        let read: Vec<_> =
            updates(input.as_bytes()).into_iter().map(|u| (u.refname, u.old.len(), u.new.len())).collect();
        assert_eq!(
            read,
            [
                ("refs/heads/x y".to_owned(), 40, 40),
                ("refs/heads/z".to_owned(), 40, 0),
                ("refs/tags/v1".to_owned(), 0, 40),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_input_upsets_it(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            updates(&input);
        }
    }
}
