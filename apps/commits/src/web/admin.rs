//! The administrator's pages: which repositories there are, and what becomes of their pushes.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use serde::{Deserialize, Serialize};
use web::{Administrator, CsrfForm, Fields};

use super::Commits;
use crate::repository::{self, Repository, Settings};
use crate::{Refusal, install, query, spool};

/// The form of a repository.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RepositoryForm {
    pub name: String,
    pub vcs: String,
    pub path: String,
    pub description: String,
    pub list_address: String,
    pub channel: String,
    pub tracker: String,
    pub closes_on: String,
    pub audience: String,
}

impl RepositoryForm {
    fn settings(&self) -> Settings {
        let Self { name, vcs, path, description, list_address, channel, tracker, closes_on, audience } = self.clone();
        Settings { name, vcs, path, description, list_address, channel, tracker, closes_on, audience }
    }

    fn of(repository: &Repository) -> Self {
        let Settings { name, vcs, path, description, list_address, channel, tracker, closes_on, audience } =
            repository.settings();
        Self { name, vcs, path, description, list_address, channel, tracker, closes_on, audience }
    }
}

/// The field that a refusal speaks of, with its sentence.
fn errors(refusal: &Refusal) -> Option<serde_json::Value> {
    let field = match refusal {
        Refusal::BadName(_) | Refusal::NameTaken(_) => "name",
        Refusal::NoRepository(_) | Refusal::BadPath(_) | Refusal::Asked(_) => "path",
        Refusal::BadVcs(_) => "vcs",
        Refusal::BadAddress(_) => "list_address",
        Refusal::BadAudience(_) => "audience",
        _ => return None,
    };
    Some(serde_json::json!({ field: refusal.to_string() }))
}

/// The repositories, the records that stand aside, and a form for another repository.
pub async fn list(State(commits): State<Commits>, page: Administrator) -> web::Result<Response> {
    let form = RepositoryForm { audience: "public".into(), ..RepositoryForm::default() };
    let context = list_context(&commits, &page, &form).await?;
    page.render("commits/admin.list.html", context)
}

async fn list_context(commits: &Commits, page: &Administrator, form: &RepositoryForm) -> web::Result<kernel::Context> {
    let repositories = query::repositories(&commits.hub.store.read(), page.actor()).await?;
    let repositories: Vec<_> = repositories
        .into_iter()
        .map(|repository| serde_json::json!({
            "name": repository.name, "vcs": repository.vcs, "path": repository.path, "list_address": repository.list_address,
            "pushed_at": repository.pushed_at, "url": admin_url(&repository.name),
        }))
        .collect();
    let aside = spool::aside(commits.hub.store.data());
    Ok(context! { title: "Repositories", repositories, aside, form, errors: serde_json::json!({}) })
}

fn admin_url(name: &str) -> String {
    format!("/admin/commits/{}", web::urlpart(name))
}

/// Registers a repository.
pub async fn add(
    State(commits): State<Commits>,
    page: Administrator,
    CsrfForm(form): CsrfForm<RepositoryForm>,
) -> web::Result<Response> {
    let added = async {
        let checked = repository::check(form.settings()).await?;
        let tx = commits.hub.store.write().await?;
        let added = repository::add(&tx, page.actor(), checked).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(added)
    };
    match added.await {
        Ok(added) => Ok(web::see_other_saying(
            &commits.hub.settings,
            admin_url(&added.name),
            "The repository is registered. Install its hook next.",
        )),
        Err(refusal) => {
            let Some(errors) = errors(&refusal) else { return Err(refusal.into()) };
            let mut context = list_context(&commits, &page, &form).await?;
            context.insert("errors", &errors);
            page.refuse("commits/admin.list.html", context)
        }
    }
}

async fn of_name(commits: &Commits, name: &str) -> web::Result<Repository> {
    let found = query::by_name(&commits.hub.store.read(), name).await?;
    Ok(found.ok_or_else(|| Refusal::NoSuchRepository(name.to_owned()))?)
}

fn edit_context(commits: &Commits, repository: &Repository, form: &RepositoryForm) -> kernel::Context {
    let webhook = commits.hub.url(&format!("/hooks/{}", web::urlpart(&repository.name)));
    let script = install::script(&commits.hub, repository);
    context! {
        title: format!("Repository {}", repository.name), name: repository.name, action: admin_url(&repository.name), form,
        token: repository.token, webhook, script, errors: serde_json::json!({}),
    }
}

/// One repository with its settings, its hook and its secret.
pub async fn edit(
    State(commits): State<Commits>,
    page: Administrator,
    Path(name): Path<String>,
) -> web::Result<Response> {
    let repository = of_name(&commits, &name).await?;
    page.render("commits/admin.edit.html", edit_context(&commits, &repository, &RepositoryForm::of(&repository)))
}

/// Changes a repository.
pub async fn change(
    State(commits): State<Commits>,
    page: Administrator,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<RepositoryForm>,
) -> web::Result<Response> {
    let repository = of_name(&commits, &name).await?;
    let changed = async {
        let checked = repository::check(form.settings()).await?;
        let tx = commits.hub.store.write().await?;
        let changed = repository::change(&tx, page.actor(), repository.id, checked).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(changed)
    };
    match changed.await {
        Ok(changed) => {
            Ok(web::see_other_saying(&commits.hub.settings, admin_url(&changed.name), "The repository is changed."))
        }
        Err(refusal) => {
            let Some(errors) = errors(&refusal) else { return Err(refusal.into()) };
            let mut context = edit_context(&commits, &repository, &form);
            context.insert("errors", &errors);
            page.refuse("commits/admin.edit.html", context)
        }
    }
}

/// Draws a new secret.
pub async fn renew(
    State(commits): State<Commits>,
    page: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> web::Result<Response> {
    let repository = of_name(&commits, &name).await?;
    let tx = commits.hub.store.write().await?;
    repository::renew_token(&tx, page.actor(), repository.id).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&commits.hub.settings, admin_url(&name), "The old secret counts no more."))
}

/// Takes a repository out of the hub.
pub async fn remove(
    State(commits): State<Commits>,
    page: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> web::Result<Response> {
    let repository = of_name(&commits, &name).await?;
    let tx = commits.hub.store.write().await?;
    repository::remove(&tx, page.actor(), repository.id).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(
        &commits.hub.settings,
        "/admin/commits",
        "The repository is gone from the hub; its files are untouched.",
    ))
}

/// Tries the records that stand aside again.
pub async fn retry(State(commits): State<Commits>, page: Administrator, _: Fields) -> web::Result<Response> {
    let count = spool::retry(commits.hub.store.data()).map_err(store::StoreError::from)?;
    let tx = commits.hub.store.write().await?;
    jobs::enqueue(&tx, "RecordPushes", "", serde_json::Value::Null).await?;
    tx.commit().await?;
    let said = format!("{count} records are read again.");
    drop(page);
    Ok(web::see_other_saying(&commits.hub.settings, "/admin/commits", &said))
}
