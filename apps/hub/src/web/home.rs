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
    url: &'static str,
    text: &'static str,
}

fn doors(modules: &[&str]) -> Vec<Door> {
    let all = [
        (
            "tracker",
            Door {
                label: "File an issue",
                url: "/issues/new",
                text: "Report a bug, ask for a feature, follow what becomes of it.",
            },
        ),
        (
            "lists",
            Door {
                label: "Join a list",
                url: "/lists/",
                text: "Read and write by mail; every post is kept and searchable.",
            },
        ),
        ("chat", Door { label: "Chat", url: "/chat/", text: "Talk on IRC; the log of every day is here." }),
        (
            "site",
            Door { label: "Read the docs", url: "/docs/", text: "The manual, made from the project's own files." },
        ),
        (
            "commits",
            Door { label: "See the code", url: "/commits/", text: "Every push, with its diffs and what it closed." },
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
    page.render(
        "hub/home.html",
        context! {
            title: "", steps, doors: doors(&pages.modules), activity, around, feed: "/activity.atom",
        },
    )
}
