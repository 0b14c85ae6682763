//! Feeds of commits.

use axum::extract::{Path, State};
use axum::response::Response;
use web::Page;
use web::feed::{Feed, FeedEntry};

use super::list::{self, ShownLine};
use super::{Commits, visible};
use crate::query::{self, Wanted};
use crate::url;

/// Commits in a feed.
const SIZE: u64 = 50;

/// The commits of all repositories that the visitor may see.
pub async fn all(State(_): State<Commits>, page: Page) -> web::Result<Response> {
    let conn = page.hub().store.read();
    let repositories = list::names(&query::repositories(&conn, page.actor()).await?);
    let commits = query::lines(&conn, page.actor(), &Wanted::default(), store::Paging::first(SIZE)).await?;
    let lines = list::shown(&conn, commits.items, &repositories).await?;
    let title = format!("Commits of {}", page.hub().settings.name);
    Ok(feed(title, "/commits/".into(), lines).answer(page.hub()))
}

/// The commits of one repository.
pub async fn one(State(_): State<Commits>, page: Page, Path(name): Path<String>) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let conn = page.hub().store.read();
    let wanted = Wanted { repository: Some(repository.id), ..Wanted::default() };
    let commits = query::lines(&conn, page.actor(), &wanted, store::Paging::first(SIZE)).await?;
    let lines = list::shown(&conn, commits.items, &list::names(std::slice::from_ref(&repository))).await?;
    Ok(feed(format!("Commits to {name}"), url::repository(&name), lines).answer(page.hub()))
}

fn feed(title: String, page: String, lines: Vec<ShownLine>) -> Feed {
    let path = format!("{page}.atom");
    let entry = |line: ShownLine| FeedEntry {
        title: format!("[{}] {}", line.repository, line.subject),
        html: format!(
            "<p>{} in <code>{}</code>: {} files, +{} −{}</p>",
            markup::escape(&line.author.name),
            markup::escape(&line.branch),
            line.files,
            line.added,
            line.removed
        ),
        url: line.url,
        author: line.author.name,
        at: line.at,
    };
    Feed { title, page, path, entries: lines.into_iter().map(entry).collect() }
}
