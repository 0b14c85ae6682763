//! Saved queries: listed, saved, removed.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use web::{CurrentUser, Error, Fields, Result};

use super::here::Here;
use crate::{Tracker, saved};

/// The queries that the visitor sees.
pub async fn list(here: Here) -> Result<Response> {
    let queries = saved::of(&here.catalog, here.actor());
    let path = here.catalog.path();
    let own = here.actor().participant();
    let lines: Vec<_> = queries
        .iter()
        .map(|query| {
            serde_json::json!({
                "query": query.entry(&path), "written": query.query, "is_own": own == Some(query.owner_id),
            })
        })
        .collect();
    here.render(
        "tracker/query.list.html",
        context! {
            title: "Saved queries", tracker_title: here.catalog.tracker.title, list_url: path, lines: lines,
        },
    )
}

/// Saves the list that the form names.
pub async fn save(State(tracker): State<Tracker>, user: CurrentUser, here: Here, fields: Fields) -> Result<Response> {
    let tx = tracker.hub.store.write().await?;
    let is_private = fields.has("private");
    saved::save(&tx, user.actor(), &here.catalog, fields.get("name"), fields.get("query"), is_private).await?;
    tx.commit().await?;
    let query = fields.get("query");
    let mark = if query.is_empty() { "" } else { "?" };
    Ok(web::see_other(format!("{}{mark}{query}", here.catalog.path())))
}

/// Removes a query.
pub async fn remove(
    State(tracker): State<Tracker>,
    user: CurrentUser,
    here: Here,
    Path(path): Path<Vec<String>>,
    _: Fields,
) -> Result<Response> {
    let number = path.last().and_then(|number| number.parse().ok()).ok_or_else(|| Error::no("such query"))?;
    let tx = tracker.hub.store.write().await?;
    saved::remove(&tx, user.actor(), &here.catalog, number).await?;
    tx.commit().await?;
    Ok(web::see_other(format!("{}queries", here.catalog.path())))
}
