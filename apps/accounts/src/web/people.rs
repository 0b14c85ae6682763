//! The people of the project, and one page for each.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use kernel::context;
use people::{Actor, User};
use serde::Deserialize;
use web::feed::{Feed, FeedEntry};
use web::{Error, Page, PageNumber};

use crate::{Accounts, person};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    module: Option<String>,
    before: Option<i64>,
}

/// Everybody with an account.
pub(super) async fn list(
    State(accounts): State<Accounts>,
    page: Page,
    number: PageNumber,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    let wanted = people::profile::Wanted { state: Some("active".into()), text: asked.q.clone() };
    let found = people::profile::list(&accounts.hub.store.read(), &wanted, number.of(100)).await?;
    number.within(&found)?;
    let found = found.map(|user| {
        serde_json::json!({
            "name": user.name, "display_name": person::shown(&user), "url": format!("/people/{}", user.name),
            "joined": user.created_at, "seen": user.seen_at,
        })
    });
    page.render(
        "accounts/person.list.html",
        context! { title: "People", page: found, q: asked.q, feed: "/people/.atom" },
    )
}

async fn find(accounts: &Accounts, page: &Page, name: &str) -> web::Result<User> {
    let found = people::user::by_name(&accounts.hub.store.read(), name).await?;
    let is_admin = people::may(page.actor(), people::Role::Administrator, people::EVERYWHERE);
    let visible = found.filter(|user| is_admin || matches!(user.state.as_str(), "active" | "disabled"));
    visible.ok_or_else(|| Error::no(format!("person called {name}")))
}

/// One person.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: Page,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    let user = find(&accounts, &page, &name).await?;
    if user.name != name {
        return Ok(web::see_other(format!("/people/{}", user.name)));
    }
    let conn = accounts.hub.store.read();
    let person = person::view(&conn, page.actor(), &user, accounts.hub.now()).await?;
    let module = asked.module.filter(|module| person.counts.iter().any(|count| count.module == *module));
    let lines = person::activity(&conn, page.actor(), &user, module.clone(), asked.before).await?;
    let older = (lines.len() as u64 == person::ROWS).then(|| lines.last().map(|line| line.id)).flatten();
    let is_admin = people::may(page.actor(), people::Role::Administrator, people::EVERYWHERE);
    let is_own = page.actor().user() == Some(user.id);
    let feed = format!("/people/{}/.atom", user.name);
    page.render(
        "accounts/person.view.html",
        context! {
            title: person.display_name, person, lines, older, module, feed, is_admin, is_own,
        },
    )
}

/// What one person did, as strangers may see it.
pub(super) async fn feed(
    State(accounts): State<Accounts>,
    page: Page,
    Path(name): Path<String>,
) -> web::Result<Response> {
    let user = find(&accounts, &page, &name).await?;
    let lines = person::activity(&accounts.hub.store.read(), &Actor::Anonymous, &user, None, None).await?;
    let url = format!("/people/{}", user.name);
    let title = format!("{}: {}", accounts.hub.settings.name, person::shown(&user));
    answer(&accounts, title, url.clone(), format!("{url}/.atom"), lines)
}

/// Who joined.
pub(super) async fn joined(State(accounts): State<Accounts>) -> web::Result<Response> {
    let wanted = journal::query::Wanted { module: Some("accounts".into()), ..Default::default() };
    let lines = journal::query::stream(&accounts.hub.store.read(), &Actor::Anonymous, &wanted, 50).await?;
    let title = format!("{}: people", accounts.hub.settings.name);
    answer(&accounts, title, "/people/".into(), "/people/.atom".into(), lines)
}

fn answer(
    accounts: &Accounts,
    title: String,
    page: String,
    path: String,
    lines: Vec<journal::query::Activity>,
) -> web::Result<Response> {
    let entries = lines
        .into_iter()
        .filter(|line| !line.url.is_empty())
        .map(|line| FeedEntry {
            // A thing that changes twice is two entries, so the number of the line makes the address its own.
            url: if line.url.contains('#') { line.url } else { format!("{}#e{}", line.url, line.id) },
            title: format!("{} {}", line.who, line.text),
            html: markup::escape(&line.text),
            author: line.who,
            at: line.at,
        })
        .collect();
    Ok(Feed { title, page, path, entries }.answer(&accounts.hub))
}
