//! What happened, across all modules, in one stream.

use axum::extract::{Query, State};
use axum::response::Response;
use journal::query::{Activity, Wanted, stream};
use kernel::context;
use people::Actor;
use serde::Deserialize;
use web::feed::{Feed, FeedEntry};
use web::{Page, Result};

use super::Pages;

const ROWS: u64 = 100;

#[derive(Deserialize)]
pub struct Asked {
    module: Option<String>,
    before: Option<i64>,
}

pub async fn show(State(pages): State<Pages>, page: Page, Query(asked): Query<Asked>) -> Result<Response> {
    let module = asked.module.filter(|module| pages.modules.contains(&module.as_str()));
    let wanted = Wanted { module: module.clone(), before: asked.before, ..Wanted::default() };
    let activity = stream(&pages.hub.store.read(), page.actor(), &wanted, ROWS).await?;
    let older = (activity.len() as u64 == ROWS).then(|| activity.last().map(|line| line.id)).flatten();
    page.render(
        "hub/activity.html",
        context! {
            title: "Activity", activity, older, before: asked.before, module, modules: pages.modules, feed: "/activity.atom",
        },
    )
}

pub async fn feed(State(pages): State<Pages>) -> Result<Response> {
    let activity = stream(&pages.hub.store.read(), &Actor::Anonymous, &Wanted::default(), 50).await?;
    let entries = activity.into_iter().filter(|line| !line.url.is_empty()).map(entry).collect();
    let title = format!("{}: activity", pages.hub.settings.name);
    Ok(Feed { title, page: "/activity".into(), path: "/activity.atom".into(), entries }.answer(&pages.hub))
}

fn entry(line: Activity) -> FeedEntry {
    // An issue that changes twice is two entries, so the number of the line makes the address its own.
    let mark = if line.url.contains('#') { String::new() } else { format!("#e{}", line.id) };
    FeedEntry {
        url: format!("{}{mark}", line.url),
        title: format!("{} {}", line.who, line.text),
        html: markup::escape(&line.text),
        author: line.who,
        at: line.at,
    }
}
