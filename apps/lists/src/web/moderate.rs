//! What waits for a moderator: posts, and people who want to join.

use ::web::{CsrfForm, CurrentUser, Error, Result};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::context;
use markup::{Format, Viewer};
use serde::Deserialize;
use store::blobs;

use super::{around, known};
use crate::commands::Decision;
use crate::list::{self, List};
use crate::policy::Step;
use crate::{HeldId, Lists, held, member, reading, show, subscription, url};

async fn moderated(lists: &Lists, user: &CurrentUser, name: &str) -> Result<List> {
    let list = known(lists, name).await?;
    list::check_moderator(user.actor(), &list)?;
    Ok(list)
}

/// Shows everything that waits on a list.
pub async fn queue(State(lists): State<Lists>, user: CurrentUser, Path(name): Path<String>) -> Result<Response> {
    let list = moderated(&lists, &user, &name).await?;
    let conn = lists.hub.store.read();
    let row = |held: held::Held| {
        serde_json::json!({
            "id": held.id, "url": url::of_list(&list.name, &format!("queue/{}", held.id)),
            "subject": show::subject(&held.subject), "author": held.author, "address": held.address,
            "reason": held.reason, "rule": held.rule, "at": held.received_at, "size": held.size,
        })
    };
    let posts: Vec<_> = held::waiting(&conn, list.id).await?.into_iter().map(row).collect();
    let joining: Vec<_> = subscription::waiting(&conn, list.id)
        .await?
        .into_iter()
        .map(|row| serde_json::json!({ "id": row.id, "address": row.address, "name": row.name, "at": row.created_at }))
        .collect();
    let around = around(&lists, &user, &list).await?;
    user.render(
        "lists/list.queue.html",
        context! { title: format!("Waiting on {}", list.title), list: around, posts, joining },
    )
}

/// Shows one post that waits, with every rule that was asked.
pub async fn show(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path((name, id)): Path<(String, HeldId)>,
) -> Result<Response> {
    let list = moderated(&lists, &user, &name).await?;
    let conn = lists.hub.store.read();
    let row = held::by_id(&conn, list.id, id)
        .await?
        .ok_or_else(|| Error::no("such post in the queue; somebody may have decided"))?;
    let raw = blobs::get(&lists.hub.store, &conn, &row.blob).await?;
    let message = mail::Message::parse(&raw);
    let read = reading::read(&message, row.received_at, row.received_at);
    let html = markup::message_html(&read.body, Format::Plain, &Viewer { knows_addresses: true });
    let steps: Vec<Step> = serde_json::from_str(&row.judgement).unwrap_or_default();
    let names = |list: &[mail::Address]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let files: Vec<_> = read
        .files
        .iter()
        .map(|(name, kind, size)| serde_json::json!({ "name": name, "type": kind, "size": size }))
        .collect();
    let defects: Vec<String> = message.defects.iter().map(ToString::to_string).collect();
    let raw_url = url::of_list(&list.name, &format!("queue/{id}/raw"));
    let context = context! {
        title: show::subject(&row.subject), list: around(&lists, &user, &list).await?, held: row, html, steps, files,
        defects, to: names(&message.to), cc: names(&message.cc), raw: raw_url,
    };
    user.render("lists/held.show.html", context)
}

/// The bytes of a post that waits.
pub async fn raw(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path((name, id)): Path<(String, HeldId)>,
) -> Result<Response> {
    let list = moderated(&lists, &user, &name).await?;
    let conn = lists.hub.store.read();
    let row = held::by_id(&conn, list.id, id).await?.ok_or_else(|| Error::no("such post in the queue"))?;
    let bytes = blobs::get(&lists.hub.store, &conn, &row.blob).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response())
}

/// What a moderator decides: about posts or about somebody who wants to join.
#[derive(Deserialize)]
pub struct DecisionForm {
    #[serde(default)]
    ids: Vec<i64>,
    /// Somebody who wants to join.
    joining: Option<i64>,
    /// `accept`, `reject` or `discard`.
    decision: String,
    #[serde(default)]
    reason: String,
    /// Ban the author too.
    ban: Option<String>,
}

/// Does what a moderator decided.
pub async fn decide(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<DecisionForm>,
) -> Result<Response> {
    let list = moderated(&lists, &user, &name).await?;
    let decision = match form.decision.as_str() {
        "accept" => Decision::Accept,
        "reject" => Decision::Reject(form.reason.trim().to_owned()),
        "discard" => Decision::Discard,
        _ => return Err(Error::Refused("The form does not say what you decided.".into())),
    };
    let tx = lists.hub.store.write().await?;
    if let Some(id) = form.joining {
        subscription::decide(&tx, &lists.hub, user.actor(), &list, id, decision == Decision::Accept).await?;
    }
    for id in form.ids.iter().map(|id| HeldId(*id)) {
        if form.ban.is_some()
            && let Some(row) = held::by_id(&tx, list.id, id).await?.filter(|row| !row.address.is_empty())
        {
            member::ban(&tx, user.actor(), &list, &row.address).await?;
        }
        held::decide(&tx, &lists.hub, user.actor(), &list, id, decision.clone()).await?;
    }
    tx.commit().await?;
    let said = match decision {
        Decision::Accept => "Accepted.",
        Decision::Reject(_) => "Refused; the author is told.",
        Decision::Discard => "Dropped.",
    };
    Ok(::web::see_other_saying(&lists.hub.settings, url::of_list(&list.name, "queue"), said))
}
