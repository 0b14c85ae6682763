//! Changing an issue from its page: the form, follow and leave, retire and restore.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use web::{CurrentUser, Error, Fields, Page, Result, Submission};

use super::here::Here;
use super::{form, show};
use crate::change::{Change, Edit};
use crate::rules::Deed;
use crate::{Refusal, Tracker, issue, leave, query};

/// Changes an issue by the form on its page.
pub async fn update(State(tracker): State<Tracker>, here: Here, submission: Submission) -> Result<Response> {
    let number = here.issue()?;
    here.permit(Deed::Comment)?;
    let own = is_own(&tracker, &here, number).await?;
    let with_properties = here.may(Deed::Change, own);
    let change = match form::read(&tracker, &here, submission.clone(), with_properties).await? {
        Ok(change) => change,
        Err(errors) => return show::refuse(&tracker, &here, number, &submission, errors).await,
    };
    match apply(&tracker, &here, number, change).await {
        Ok(done) => {
            let anchor = done.message.map(|number| format!("#msg{number}")).unwrap_or_default();
            Ok(web::see_other(format!("{}{anchor}", here.catalog.issue_path(number))))
        }
        Err(refusal @ (Refusal::NoTitle | Refusal::LongTitle)) => {
            let errors = BTreeMap::from([("title".to_owned(), refusal.to_string())]);
            show::refuse(&tracker, &here, number, &submission, errors).await
        }
        Err(refusal @ (Refusal::Collision(_) | Refusal::LongMessage | Refusal::Required(_))) => {
            let errors = BTreeMap::from([(String::new(), refusal.to_string())]);
            show::refuse(&tracker, &here, number, &submission, errors).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn is_own(tracker: &Tracker, here: &Here, number: i64) -> Result<bool> {
    let issue = query::issue(&tracker.hub.store.read(), &here.catalog, number).await?;
    let issue = issue.ok_or(Refusal::NoIssue(number))?;
    Ok(here.actor().participant() == Some(issue.row.creator_id))
}

async fn apply(tracker: &Tracker, here: &Here, number: i64, change: Change) -> Result<issue::Done, Refusal> {
    let tx = tracker.hub.store.write().await?;
    let done = issue::change(&tx, here.actor(), &here.catalog, number, change).await?;
    tx.commit().await?;
    Ok(done)
}

/// Puts the visitor on the nosy list.
pub async fn follow(State(tracker): State<Tracker>, user: CurrentUser, here: Here, _: Fields) -> Result<Response> {
    join(&tracker, &user, &here, true).await
}

/// Takes the visitor off the nosy list.
pub async fn leave(State(tracker): State<Tracker>, user: CurrentUser, here: Here, _: Fields) -> Result<Response> {
    join(&tracker, &user, &here, false).await
}

async fn join(tracker: &Tracker, user: &CurrentUser, here: &Here, joins: bool) -> Result<Response> {
    let number = here.issue()?;
    let own: Vec<i64> = user.actor().participant().into_iter().map(|id| id.0).collect();
    let (add, remove) = if joins { (own, vec![]) } else { (vec![], own) };
    apply(tracker, here, number, Change::of("nosy", Edit::Delta { add, remove })).await?;
    Ok(web::see_other(here.catalog.issue_path(number)))
}

/// Retires an issue.
pub async fn retire(State(tracker): State<Tracker>, here: Here, _: Fields) -> Result<Response> {
    set_retired(&tracker, &here, true).await
}

/// Restores a retired issue.
pub async fn restore(State(tracker): State<Tracker>, here: Here, _: Fields) -> Result<Response> {
    set_retired(&tracker, &here, false).await
}

async fn set_retired(tracker: &Tracker, here: &Here, retired: bool) -> Result<Response> {
    let number = here.issue()?;
    here.permit(Deed::Administer)?;
    let tx = tracker.hub.store.write().await?;
    issue::set_retired(&tx, here.actor(), &here.catalog, number, retired).await?;
    tx.commit().await?;
    Ok(web::see_other(here.catalog.issue_path(number)))
}

/// The page of the link in a mail by which one leaves a nosy list; only its button does it.
pub async fn leaving(State(tracker): State<Tracker>, page: Page, Path(token): Path<String>) -> Result<Response> {
    let seat = leave::read(&tracker, &token).await?.ok_or_else(dead_link)?;
    page.render(
        "tracker/leave.show.html",
        context! {
            title: "Leave the nosy list",
            number: seat.issue.row.number,
            issue_title: seat.issue.row.title,
            url: seat.catalog.issue_path(seat.issue.row.number),
            token: token,
        },
    )
}

fn dead_link() -> Error {
    Error::DeadLink(
        "This link is not whole, or its issue is gone. Whoever has logged in can leave on the page of an issue.".into(),
    )
}

/// Leaves a nosy list by the link of a mail; also what a mail program sends by itself (RFC 8058 section 3.1), so the
/// token in the path is all that it needs.
pub async fn leave_by_link(State(tracker): State<Tracker>, page: Page, Path(token): Path<String>) -> Result<Response> {
    let seat = leave::read(&tracker, &token).await?.ok_or_else(dead_link)?;
    let number = seat.issue.row.number;
    let tx = tracker.hub.store.write().await?;
    let edit = Edit::Delta { add: vec![], remove: vec![seat.participant.0] };
    issue::change(&tx, &seat.actor, &seat.catalog, number, Change::of("nosy", edit)).await?;
    tx.commit().await?;
    let text = format!("You are not on the nosy list of #{number} any more.");
    Ok(web::see_other_saying(&page.hub().settings, seat.catalog.issue_path(number), &text))
}
