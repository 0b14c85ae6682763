//! What a `changegroup` hook of Mercurial tells.

use std::collections::BTreeMap;
use std::path::Path;

use super::{LearnError, ToldRef};
use crate::record::Hooked;
use crate::vcs::hg;

/// The changesets that came, by their named branch. Mercurial adds only what was not there before.
pub async fn refs(
    folder: &Path,
    hooked: &Hooked,
    known: &BTreeMap<String, String>,
) -> Result<Vec<ToldRef>, LearnError> {
    let node = |name: &str| hooked.environment.get(name).filter(|node| hg::is_node(node)).cloned();
    let first = node("HG_NODE").ok_or_else(|| LearnError::Never("The hook of Mercurial named no changeset.".into()))?;
    let last = node("HG_NODE_LAST").unwrap_or_else(|| first.clone());
    let mut total = hg::count(folder, &first, &last).await?;
    let mut told: Vec<ToldRef> = Vec::new();
    for commit in hg::log(folder, &first, &last).await? {
        let place = told.iter().position(|told| told.refname == commit.branch).unwrap_or_else(|| {
            let old = known.get(&commit.branch).cloned().unwrap_or_default();
            told.push(ToldRef {
                refname: commit.branch.clone(),
                kind: "branch".into(),
                change: if old.is_empty() { "created" } else { "updated" }.into(),
                old,
                ..ToldRef::default()
            });
            told.len() - 1
        });
        let branch = &mut told[place];
        branch.new = commit.id.clone();
        branch.commits.push(commit);
        branch.total += 1;
        total = total.saturating_sub(1);
    }
    // What is not described one by one counts for the branch that came last.
    if let Some(branch) = told.last_mut() {
        branch.total += total;
    }
    Ok(told)
}
