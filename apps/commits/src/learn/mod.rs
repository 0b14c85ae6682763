//! What a record means: its program is asked, before any transaction, and the answer is ready for [`crate::push::record`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::push::{Brief, Summary};
use crate::record::{Forged, Hooked, Origin, Record};
use crate::repository::Repository;
use crate::vcs::{Revision, Vcs, ask::AskError, subject};

pub mod forge;
pub(crate) mod from_git;
mod from_hg;
mod from_svn;

/// A push, told in full.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// `hook`, or the name of the forge.
    pub source: String,
    /// The login of who pushed; empty when nobody said.
    pub pusher: String,
    /// Whether `pusher` was said by who knows (the server that checked the login), not taken from the environment.
    pub pusher_is_sure: bool,
    pub pusher_email: String,
    pub at: DateTime<Utc>,
    pub refs: Vec<ToldRef>,
    /// Revisions of Subversion whose message or author was changed afterwards.
    pub revised: Vec<Revision>,
}

/// A branch or tag that a push moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToldRef {
    pub refname: String,
    /// `branch`, `tag`, `annotated tag`, `reference`.
    pub kind: String,
    /// `created`, `updated`, `forced`, `deleted`.
    pub change: String,
    /// Empty when it was not there before.
    pub old: String,
    /// Empty when it is not there any more.
    pub new: String,
    /// The new commits, oldest first; of many, the newest.
    pub commits: Vec<Revision>,
    /// All new commits, also those that are not described.
    pub total: u64,
    pub summary: Summary,
    /// For each commit its page at the forge that told of it; empty for a repository of ours.
    pub elsewhere: BTreeMap<String, String>,
}

/// Why a record could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// It never will be.
    #[error("{0}")]
    Never(String),
    /// The program may answer later.
    #[error(transparent)]
    Later(#[from] AskError),
}

/// What a record tells. `known` is where each branch stood before it.
pub async fn learn(
    repository: &Repository,
    record: &Record,
    known: &BTreeMap<String, String>,
) -> Result<Told, LearnError> {
    let at = DateTime::from_timestamp_millis(record.at).unwrap_or_default();
    match &record.origin {
        Origin::Forge(Forged { forge, body }) => {
            forge::read(forge, &body.0, at).map_err(|error| LearnError::Never(error.to_string()))
        }
        Origin::Hook(hooked) => {
            let folder = repository.folder().ok_or_else(|| {
                LearnError::Never(format!("{} has no folder on this machine; give it one.", repository.name))
            })?;
            let (mut refs, mut revised) = (vec![], vec![]);
            match repository.system() {
                Vcs::Git => refs = from_git::refs(folder, hooked, known).await?,
                Vcs::Svn if from_svn::is_revision_of_old(hooked) => revised = from_svn::revised(folder, hooked).await?,
                Vcs::Svn => refs = from_svn::refs(folder, hooked).await?,
                Vcs::Hg => refs = from_hg::refs(folder, hooked, known).await?,
            }
            let (pusher, pusher_is_sure) = pusher(hooked);
            Ok(Told { source: "hook".into(), pusher, pusher_is_sure, pusher_email: String::new(), at, refs, revised })
        }
    }
}

/// Who pushed, as the environment of the hook tells: first those who checked a login, then the account on the machine.
fn pusher(hooked: &Hooked) -> (String, bool) {
    const SURE: [&str; 6] =
        ["GUILDHALL_PUSHER", "GL_USERNAME", "GL_USER", "GITOLITE_USER", "GITEA_PUSHER_NAME", "REMOTE_USER"];
    const SHARED: [&str; 9] = ["git", "hg", "svn", "root", "www-data", "nobody", "gitolite", "gitea", "apache"];
    let get = |name: &&str| hooked.environment.get(*name).map(|value| clean(value)).filter(|value| !value.is_empty());
    if let Some(name) = SURE.iter().find_map(get) {
        return (name, true);
    }
    let account = ["USER", "LOGNAME"].iter().find_map(get).filter(|name| !SHARED.contains(&name.as_str()));
    (account.unwrap_or_default(), false)
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect::<String>().trim().to_owned()
}

/// A commit in one line.
fn brief(revision: &Revision) -> Brief {
    Brief { id: revision.id.clone(), subject: subject(&revision.message) }
}
