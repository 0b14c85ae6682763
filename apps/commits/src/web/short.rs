//! Short addresses: `/c/1a2b3c4d`, `/c/r123`.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use serde::Serialize;
use web::Page;

use super::Commits;
use crate::vcs::{Vcs, git, hg, svn};
use crate::{query, url};

#[derive(Serialize)]
struct Choice {
    repository: String,
    short: String,
    url: String,
}

/// Goes to the commit of an abbreviation. When several begin so, or several repositories have the revision, it asks.
pub async fn find(State(_): State<Commits>, page: Page, Path(word): Path<String>) -> web::Result<Response> {
    let word = word.trim().to_ascii_lowercase();
    let found = look(&page, &word).await?;
    match found.as_slice() {
        [] => Err(web::Error::no(format!("commit {word} that is known here"))),
        [(repository, id)] => Ok(web::see_other(url::commit(repository, id))),
        several => {
            let choices: Vec<Choice> = several
                .iter()
                .map(|(repository, id)| Choice {
                    repository: repository.clone(),
                    short: if word.starts_with('r') {
                        url::short(id)
                    } else {
                        id.chars().take(word.len().max(8) + 4).collect()
                    },
                    url: url::commit(repository, id),
                })
                .collect();
            page.render("commits/short.choose.html", context! { title: format!("Which {word}?"), word, choices })
        }
    }
}

/// The commits that a word may mean, as repository and id: first those that were pushed, then those in repositories.
async fn look(page: &Page, word: &str) -> web::Result<Vec<(String, String)>> {
    let conn = page.hub().store.read();
    let number = word.strip_prefix('r').and_then(|digits| digits.parse::<u32>().ok());
    let found = match number {
        Some(number) => query::numbered(&conn, page.actor(), i64::from(number)).await?,
        None if git::is_id(word) => query::abbreviated(&conn, page.actor(), None, word, 10).await?,
        None => return Ok(vec![]),
    };
    if !found.is_empty() {
        return Ok(found);
    }
    let mut found = Vec::new();
    for repository in query::repositories(&conn, page.actor()).await?.into_iter().take(50) {
        let Some(folder) = repository.folder() else { continue };
        let id = match (repository.system(), number) {
            (Vcs::Git, None) => git::commit_of(folder, word).await.ok().flatten(),
            (Vcs::Hg, None) => hg::show(folder, word).await.ok().flatten().map(|revision| revision.id),
            (Vcs::Svn, Some(number)) => {
                let youngest = svn::youngest(folder).await.unwrap_or_default();
                (number > 0 && u64::from(number) <= youngest).then(|| number.to_string())
            }
            _ => None,
        };
        found.extend(id.map(|id| (repository.name, id)));
    }
    Ok(found)
}
