//! The pages of one repository.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use kernel::context;
use serde::{Deserialize, Serialize};
use web::{Page, PageNumber};

use super::list::{self, SIZE, Who};
use super::{Commits, visible};
use crate::query::{self, Wanted};
use crate::repository::Repository;
use crate::url;

/// Branches that stand beside the commits.
const BESIDE: u64 = 12;
/// Branches and tags on their own page.
const MOST_BRANCHES: u64 = 2_000;

/// `?branch=main`
#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    branch: String,
}

/// A branch or tag.
#[derive(Clone, Debug, Serialize)]
pub struct ShownBranch {
    pub name: String,
    pub is_tag: bool,
    pub url: String,
    pub short: String,
    pub commit_url: String,
    pub at: DateTime<Utc>,
}

/// What every page of a repository says of it.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    pub name: String,
    pub url: String,
    pub description: String,
    pub vcs: String,
}

/// The head of a repository's pages.
pub fn head(repository: &Repository) -> Head {
    Head {
        name: repository.name.clone(),
        url: url::repository(&repository.name),
        description: repository.description.clone(),
        vcs: repository.vcs.clone(),
    }
}

fn shown_branch(repository: &Repository, branch: query::Branch) -> ShownBranch {
    ShownBranch {
        name: url::short_ref(&branch.refname).to_owned(),
        is_tag: branch.refname.starts_with("refs/tags/"),
        url: url::branch(&repository.name, &branch.refname),
        short: url::short(&branch.head),
        commit_url: url::commit(&repository.name, &branch.head),
        at: branch.moved_at,
    }
}

/// `/commits/x` is `/commits/x/`.
pub async fn slash(Path(name): Path<String>) -> Response {
    web::see_other(url::repository(&name))
}

/// The commits of a repository.
pub async fn show(
    State(_): State<Commits>,
    page: Page,
    Path(name): Path<String>,
    Query(filter): Query<Filter>,
    number: PageNumber,
) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let conn = page.hub().store.read();
    let branch = Some(filter.branch.clone()).filter(|branch| !branch.is_empty());
    let wanted = Wanted { repository: Some(repository.id), branch, ..Wanted::default() };
    let commits = query::lines(&conn, page.actor(), &wanted, number.of(SIZE)).await?;
    number.within(&commits)?;
    let paging = list::page_of(&commits);
    let lines = list::shown(&conn, commits.items, &list::names(std::slice::from_ref(&repository))).await?;
    let branches = query::branches(&conn, repository.id, BESIDE).await?;
    let branches: Vec<ShownBranch> = branches.into_iter().map(|branch| shown_branch(&repository, branch)).collect();
    let feed = format!("{}.atom", url::repository(&name));
    page.render("commits/repository.show.html", context! {
        title: repository.name, repository: head(&repository), lines, branches, page: paging, branch: filter.branch, feed,
    })
}

/// All branches and tags.
pub async fn branches(State(_): State<Commits>, page: Page, Path(name): Path<String>) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let branches = query::branches(&page.hub().store.read(), repository.id, MOST_BRANCHES).await?;
    let branches: Vec<ShownBranch> = branches.into_iter().map(|branch| shown_branch(&repository, branch)).collect();
    page.render(
        "commits/branches.html",
        context! {
            title: format!("Branches of {name}"), repository: head(&repository), branches,
        },
    )
}

#[derive(Serialize)]
struct Contributor {
    who: Who,
    commits: i64,
    last: DateTime<Utc>,
}

/// Who wrote the commits.
pub async fn people(State(_): State<Commits>, page: Page, Path(name): Path<String>) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let conn = page.hub().store.read();
    let rows = query::contributors(&conn, repository.id, 500).await?;
    let known = people::participant::shown(&conn, rows.iter().map(|(id, _, _)| *id)).await?;
    let contributors =
        rows.into_iter().map(|(id, commits, last)| Contributor { who: Who::of(&known, Some(id), ""), commits, last });
    page.render("commits/people.html", context! {
        title: format!("People of {name}"), repository: head(&repository), contributors: contributors.collect::<Vec<_>>(),
    })
}
