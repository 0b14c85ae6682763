//! The front door: what can be done here, and what happened lately.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::Duration;
use journal::query::{Wanted, stream};
use kernel::context;
use people::{EVERYWHERE, Role};
use serde::Serialize;
use web::{Page, Result};

use super::checkup::Checkup;
use super::{Pages, first};

/// One thing that a visitor can do.
#[derive(Serialize)]
struct Door {
    label: &'static str,
    url: String,
    text: &'static str,
}

/// The doors of the modules that are on; `sites` are the project's own site, if it has one, and the manual.
fn doors(modules: &[&str], sites: &[site::Site]) -> Vec<Door> {
    let docs = sites.first().map_or_else(|| "/docs/".to_owned(), |site| format!("{}/", site.mount));
    let has_own = sites.iter().any(|site| site.source != site::Source::Manual);
    let all = [
        (
            "tracker",
            Door {
                label: "File an issue",
                url: "/issues/new".into(),
                text: "Report a bug, ask for a feature, follow what becomes of it.",
            },
        ),
        (
            "lists",
            Door {
                label: "Join a list",
                url: "/lists/".into(),
                text: "Read and write by mail; every post is kept and searchable.",
            },
        ),
        ("chat", Door { label: "Chat", url: "/chat/".into(), text: "Talk on IRC; the log of every day is here." }),
        (
            "site",
            Door {
                label: "Read the docs",
                url: docs,
                text: if has_own { "What it is and how it is used." } else { "How this hub is used and run." },
            },
        ),
        (
            "commits",
            Door {
                label: "See the code",
                url: "/commits/".into(),
                text: "Every push, with its diffs and what it closed.",
            },
        ),
    ];
    all.into_iter().filter(|(module, _)| modules.contains(module)).map(|(_, door)| door).take(4).collect()
}

pub async fn show(
    State(pages): State<Pages>,
    Extension(checkup): Extension<Arc<Checkup>>,
    page: Page,
) -> Result<Response> {
    let conn = pages.hub.store.read();
    let activity = stream(&conn, page.actor(), &Wanted::default(), 30).await?;
    let around = people::user::seen_since(&conn, pages.hub.now() - Duration::days(1), 12).await?;
    let steps = if people::may(page.actor(), Role::Administrator, EVERYWHERE) {
        first::steps(&pages, checkup.config()).await?
    } else {
        vec![]
    };
    // Only who comes first to a hub in which nothing happened yet is told how to set it up.
    let is_new = activity.is_empty() && accounts::setup::is_needed(&pages.hub).await?;
    let sites = checkup.config().site.clone().unwrap_or_default().sites();
    page.render(
        "hub/home.html",
        context! {
            title: "", steps, is_new, doors: doors(&pages.modules, &sites), activity, around, feed: "/activity.atom",
        },
    )
}
