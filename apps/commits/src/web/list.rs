//! Lists of commits: of all repositories, of one, of a push.

use std::collections::{BTreeMap, HashMap};

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use kernel::context;
use people::{Participant, ParticipantId};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use web::{Page, PageNumber};

use super::Commits;
use crate::query::{self, Line, Wanted};
use crate::repository::Repository;
use crate::{RepositoryId, url};

/// Commits on one page.
pub const SIZE: u64 = 50;

/// A commit in a list.
#[derive(Clone, Debug, Serialize)]
pub struct ShownLine {
    pub short: String,
    pub url: String,
    pub subject: String,
    pub author: Who,
    pub at: DateTime<Utc>,
    pub files: i64,
    pub added: i64,
    pub removed: i64,
    pub branch: String,
    pub repository: String,
    pub push_url: Option<String>,
}

/// Somebody, with a page when there is an account.
#[derive(Clone, Debug, Serialize)]
pub struct Who {
    pub name: String,
    pub url: Option<String>,
}

impl Who {
    /// The participant, else the name that was written.
    pub fn of(known: &HashMap<ParticipantId, Participant>, id: Option<ParticipantId>, name: &str) -> Self {
        match id.and_then(|id| known.get(&id)) {
            Some(known) => Self { name: known.name.clone(), url: known.url.clone() },
            None => Self { name: name.to_owned(), url: None },
        }
    }
}

/// Lines with the names of their authors, in one more query.
pub async fn shown(
    conn: &impl ConnectionTrait,
    lines: Vec<Line>,
    repositories: &BTreeMap<RepositoryId, String>,
) -> web::Result<Vec<ShownLine>> {
    let known = people::participant::shown(conn, lines.iter().filter_map(|line| line.participant_id)).await?;
    let show = |line: Line| {
        let repository = repositories.get(&line.repository_id).cloned().unwrap_or_default();
        ShownLine {
            short: url::short(&line.commit_id),
            url: url::commit(&repository, &line.commit_id),
            subject: line.subject,
            author: Who::of(&known, line.participant_id, &line.author_name),
            at: line.authored_at,
            files: line.files,
            added: line.added,
            removed: line.removed,
            branch: line.branch,
            push_url: line.push_id.map(|push| url::push(&repository, push)),
            repository,
        }
    };
    Ok(lines.into_iter().map(show).collect())
}

/// The names of repositories by id.
pub fn names(repositories: &[Repository]) -> BTreeMap<RepositoryId, String> {
    repositories.iter().map(|repository| (repository.id, repository.name.clone())).collect()
}

#[derive(Serialize)]
struct ShownRepository {
    name: String,
    url: String,
    description: String,
    vcs: String,
    pushed_at: Option<DateTime<Utc>>,
}

/// All repositories, and what came lately.
pub async fn index(State(_): State<Commits>, page: Page, number: PageNumber) -> web::Result<Response> {
    let conn = page.hub().store.read();
    let all = query::repositories(&conn, page.actor()).await?;
    let commits = query::lines(&conn, page.actor(), &Wanted::default(), number.of(SIZE)).await?;
    number.within(&commits)?;
    let paging = page_of(&commits);
    let lines = shown(&conn, commits.items, &names(&all)).await?;
    let repositories: Vec<ShownRepository> = all
        .into_iter()
        .map(|repository| ShownRepository {
            url: url::repository(&repository.name),
            name: repository.name,
            description: repository.description,
            vcs: repository.vcs,
            pushed_at: repository.pushed_at,
        })
        .collect();
    page.render(
        "commits/index.html",
        context! {
            title: "Commits", feed: "/commits/.atom", repositories, lines, page: paging,
        },
    )
}

/// Where a list stands, for the pager.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ShownPage {
    pub number: u64,
    pub size: u64,
    pub total: u64,
}

/// The pager of a page of a list.
pub fn page_of<T>(page: &store::Page<T>) -> ShownPage {
    ShownPage { number: page.number, size: page.size, total: page.total }
}
