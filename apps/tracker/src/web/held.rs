//! Held mail, for moderators.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use web::{CurrentUser, Error, Fields, Result};

use super::here::Here;
use crate::{Tracker, moderation};

/// What waits.
pub async fn list(State(tracker): State<Tracker>, _: CurrentUser, here: Here) -> Result<Response> {
    if !moderation::may_moderate(&here.catalog, here.actor()) {
        return Err(Error::Forbidden("Held mail is for moderators of this tracker.".into()));
    }
    let held = moderation::all(&tracker.hub.store.read(), &here.catalog).await?;
    let mails: Vec<_> = held
        .iter()
        .map(|mail| {
            serde_json::json!({
                "id": mail.id, "subject": mail.subject, "from_name": mail.from_name, "from_address": mail.from_address,
                "rcpt": mail.rcpt, "excerpt": mail.excerpt, "at": mail.at,
            })
        })
        .collect();
    here.render(
        "tracker/held.list.html",
        context! {
            title: "Held mail", tracker_title: here.catalog.tracker.title, list_url: here.catalog.path(), mails: mails,
        },
    )
}

/// Lets a mail in or throws it away.
pub async fn decide(
    State(tracker): State<Tracker>,
    _: CurrentUser,
    here: Here,
    Path(path): Path<Vec<String>>,
    fields: Fields,
) -> Result<Response> {
    let id = path.last().and_then(|id| id.parse().ok()).ok_or_else(|| Error::no("such mail"))?;
    let tx = tracker.hub.store.write().await?;
    match fields.get("do") {
        "accept" => moderation::accept(&tx, here.actor(), &tracker, &here.catalog, id).await?,
        "reject" => moderation::reject(&tx, here.actor(), &here.catalog, id).await?,
        _ => return Err(Error::Refused("The form says neither accept nor reject.".into())),
    }
    tx.commit().await?;
    Ok(web::see_other(format!("{}held", here.catalog.path())))
}
