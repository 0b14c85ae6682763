//! Repositories: registered by an administrator, changed and taken away again.

use std::path::Path;

use people::{Actor, EVERYWHERE, Role, may};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use store::Tx;

use crate::entity::{branch, repository};
use crate::vcs::{Vcs, git, hg, svn};
use crate::{Refusal, RepositoryId};

pub use crate::entity::repository::Model as Repository;

/// What an administrator says of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    /// `git`, `svn`, `hg`; empty: as the folder tells.
    pub vcs: String,
    /// Empty: it lives elsewhere and sends webhooks.
    pub path: String,
    pub description: String,
    pub list_address: String,
    pub channel: String,
    pub tracker: String,
    pub closes_on: String,
    /// Empty: `public`.
    pub audience: String,
}

/// Settings that can be kept, with what the repository has now: `(ref, id)`.
#[derive(Clone, Debug)]
pub struct Checked {
    settings: Settings,
    refs: Vec<(String, String)>,
}

impl Repository {
    /// The version control system.
    pub fn system(&self) -> Vcs {
        Vcs::from_word(&self.vcs).unwrap_or(Vcs::Git)
    }

    /// The folder, when it lies on this machine.
    pub fn folder(&self) -> Option<&Path> {
        (!self.path.is_empty()).then(|| Path::new(&self.path))
    }

    /// The settings as an administrator sees them.
    pub fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            vcs: self.vcs.clone(),
            path: self.path.clone(),
            description: self.description.clone(),
            list_address: self.list_address.clone(),
            channel: self.channel.clone(),
            tracker: self.tracker.clone(),
            closes_on: self.closes_on.clone(),
            audience: self.audience.clone(),
        }
    }
}

/// Looks at the settings and at the repository itself; runs its program, so before any transaction.
pub async fn check(mut settings: Settings) -> Result<Checked, Refusal> {
    for text in [
        &mut settings.name,
        &mut settings.path,
        &mut settings.list_address,
        &mut settings.channel,
        &mut settings.tracker,
        &mut settings.audience,
        &mut settings.description,
    ] {
        *text = text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    }
    if !is_name(&settings.name) {
        return Err(Refusal::BadName(settings.name));
    }
    if !settings.list_address.is_empty() && !people::participant::is_address(&settings.list_address) {
        return Err(Refusal::BadAddress(settings.list_address));
    }
    match settings.audience.as_str() {
        "" => settings.audience = "public".into(),
        "public" | "members" => {}
        _ => return Err(Refusal::BadAudience(settings.audience)),
    }
    if !settings.vcs.is_empty() && Vcs::from_word(&settings.vcs).is_none() {
        return Err(Refusal::BadVcs(settings.vcs));
    }
    if settings.path.is_empty() {
        if settings.vcs.is_empty() {
            settings.vcs = "git".into();
        }
        return Ok(Checked { settings, refs: vec![] });
    }
    let path = Path::new(&settings.path).canonicalize().map_err(|_| Refusal::BadPath(settings.path.clone()))?;
    let found = Vcs::of_directory(&path).ok_or_else(|| Refusal::NoRepository(settings.path.clone()))?;
    if !settings.vcs.is_empty() && settings.vcs != found.word() {
        return Err(Refusal::NoRepository(settings.path));
    }
    settings.vcs = found.word().to_owned();
    settings.path = path.to_string_lossy().into_owned();
    let refs = refs(found, &path).await?;
    Ok(Checked { settings, refs })
}

/// What a repository has now, so that the first push is not taken for all of its history.
pub async fn refs(vcs: Vcs, path: &Path) -> Result<Vec<(String, String)>, Refusal> {
    Ok(match vcs {
        Vcs::Git => git::refs(path).await?.into_iter().collect(),
        Vcs::Hg => hg::branches(path).await?,
        Vcs::Svn => vec![("/".to_owned(), svn::youngest(path).await?.to_string())],
    })
}

/// Registers a repository.
pub async fn add(tx: &Tx, actor: &Actor, checked: Checked) -> Result<Repository, Refusal> {
    allowed(actor)?;
    let Checked { settings, refs } = checked;
    if crate::query::by_name(tx, &settings.name).await?.is_some() {
        return Err(Refusal::NameTaken(settings.name));
    }
    let mut row = filled(settings);
    row.token = Set(draw_token());
    row.created_at = Set(tx.now());
    row.pushed_at = Set(None);
    let row = row.insert(tx).await?;
    keep_refs(tx, row.id, refs).await?;
    Ok(row)
}

/// Changes what was said of a repository.
pub async fn change(tx: &Tx, actor: &Actor, id: RepositoryId, checked: Checked) -> Result<Repository, Refusal> {
    allowed(actor)?;
    let Checked { settings, refs } = checked;
    let named = crate::query::by_name(tx, &settings.name).await?;
    if named.is_some_and(|other| other.id != id) {
        return Err(Refusal::NameTaken(settings.name));
    }
    let mut row = filled(settings);
    row.id = Set(id);
    let row = row.update(tx).await?;
    if branch::Entity::find().filter(branch::Column::RepositoryId.eq(id)).one(tx).await?.is_none() {
        keep_refs(tx, id, refs).await?;
    }
    Ok(row)
}

/// Draws a new secret for the webhooks of a repository; the old one counts no more.
pub async fn renew_token(tx: &Tx, actor: &Actor, id: RepositoryId) -> Result<(), Refusal> {
    allowed(actor)?;
    repository::ActiveModel { id: Set(id), token: Set(draw_token()), ..Default::default() }.update(tx).await?;
    Ok(())
}

/// Takes a repository with its pushes out of the hub; its files stay where they are.
pub async fn remove(tx: &Tx, actor: &Actor, id: RepositoryId) -> Result<(), Refusal> {
    allowed(actor)?;
    repository::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

fn allowed(actor: &Actor) -> Result<(), Refusal> {
    if may(actor, Role::Administrator, EVERYWHERE) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn filled(settings: Settings) -> repository::ActiveModel {
    repository::ActiveModel {
        name: Set(settings.name),
        vcs: Set(settings.vcs),
        path: Set(settings.path),
        description: Set(settings.description),
        list_address: Set(settings.list_address),
        channel: Set(settings.channel),
        tracker: Set(settings.tracker),
        closes_on: Set(settings.closes_on.split_whitespace().collect::<Vec<_>>().join(" ")),
        audience: Set(settings.audience),
        ..Default::default()
    }
}

async fn keep_refs(tx: &Tx, id: RepositoryId, refs: Vec<(String, String)>) -> Result<(), Refusal> {
    for refs in refs.chunks(500) {
        let rows = refs.iter().map(|(name, head)| branch::ActiveModel {
            repository_id: Set(id),
            refname: Set(name.clone()),
            head: Set(head.clone()),
            moved_at: Set(tx.now()),
            ..Default::default()
        });
        let known = OnConflict::columns([branch::Column::RepositoryId, branch::Column::Refname])
            .update_columns([branch::Column::Head])
            .to_owned();
        branch::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn draw_token() -> String {
    hex::encode(rand::random::<[u8; 24]>())
}

/// Whether a text can be the name of a repository.
pub fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let words = ["pushes", "branches", "people"];
    (1..=60).contains(&name.len())
        && name.chars().all(inner)
        && edge(name.chars().next())
        && edge(name.chars().next_back())
        && !words.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_into_addresses() {
        for name in ["pypy", "PyPy-2.7", "a", "x_y.z"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a/b", ".git", "a.", "é", "a b", "..", &"x".repeat(61)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
