//! The settings of a tracker, for its administrators.

use axum::extract::State;
use axum::response::Response;
use kernel::context;
use people::Role;
use web::{CurrentUser, Error, Fields, Result};

use super::here::Here;
use crate::rules::Deed;
use crate::settings::{self, Settings, Step};
use crate::{Tracker, tracker as trackers};

/// The settings.
pub async fn show(State(tracker): State<Tracker>, _: CurrentUser, here: Here) -> Result<Response> {
    here.permit(Deed::Administer)?;
    let row = &here.catalog.tracker;
    let all = trackers::all(&tracker.hub.store.read()).await?;
    let others: Vec<_> = all
        .iter()
        .map(|other| {
            serde_json::json!({
                "name": other.name, "title": other.title, "url": format!("/issues/{}/", other.name),
            })
        })
        .collect();
    let classes: Vec<_> = here.catalog.classes.iter().filter(|class| class.kind == "plain").collect();
    let classes: Vec<_> = classes
        .iter()
        .map(|class| {
            serde_json::json!({
                "name": class.name, "is_status": class.name == "status", "items": class.items,
            })
        })
        .collect();
    here.render(
        "tracker/settings.html",
        context! {
            title: "Settings", tracker_title: row.title, list_url: here.catalog.path(), address: here.catalog.address(),
            tracker: serde_json::json!({
                "title": row.title, "audience": row.audience, "may_file": row.may_file, "may_comment": row.may_comment,
                "may_change": row.may_change, "strangers": row.strangers,
            }),
            roles: Role::ALL.map(Role::word), classes: classes, others: others,
        },
    )
}

/// Saves who may do what.
pub async fn save(State(tracker): State<Tracker>, _: CurrentUser, here: Here, fields: Fields) -> Result<Response> {
    let word = |name: &str| fields.get(name).to_owned();
    let new = Settings {
        title: word("title"),
        audience: word("audience"),
        may_file: word("may_file"),
        may_comment: word("may_comment"),
        may_change: word("may_change"),
        strangers: word("strangers"),
    };
    let tx = tracker.hub.store.write().await?;
    settings::save(&tx, here.actor(), &here.catalog, new).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&here.hub().settings, format!("{}settings", here.catalog.path()), "Saved."))
}

/// Adds a row to a class, or changes one.
pub async fn item(State(tracker): State<Tracker>, _: CurrentUser, here: Here, fields: Fields) -> Result<Response> {
    let class = fields.get("class");
    let number: Option<i64> = fields.get("number").parse().ok();
    let step = match fields.get("do") {
        "rename" => Step::Rename(fields.get("name").to_owned()),
        "mean" => Step::Mean(fields.get("meaning").to_owned()),
        "retire" => Step::Retire,
        "restore" => Step::Restore,
        "add" => Step::Rename(String::new()),
        _ => return Err(Error::Refused("The form does not say what to do.".into())),
    };
    let tx = tracker.hub.store.write().await?;
    match number {
        Some(number) => settings::change(&tx, here.actor(), &here.catalog, class, number, step).await?,
        None => {
            settings::add(&tx, here.actor(), &here.catalog, class, fields.get("name")).await?;
        }
    }
    tx.commit().await?;
    Ok(web::see_other(format!("{}settings#{}", here.catalog.path(), web::urlpart(class))))
}
