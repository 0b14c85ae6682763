//! The first steps of a new hub: what is not there yet, and how it comes to be.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use web::{Administrator, CsrfForm, Result};

use super::Pages;
use crate::config::Config;

/// What the hub notes when its administrator wants to see no more of them.
const NOTE: &str = "first steps";
const PUT_AWAY: &str = "put away";

/// One thing that a new hub may want.
#[derive(Serialize)]
pub struct Step {
    text: &'static str,
    /// Where it is done, when it is done on a page.
    url: &'static str,
    label: &'static str,
    /// What does it on the command line, or the lines for `guildhall.toml`.
    code: &'static str,
}

/// What is still to be made, in a good order, until the administrator puts it away.
pub async fn steps(pages: &Pages, config: &Config) -> Result<Vec<Step>> {
    let conn = pages.hub.store.read();
    if store::note(&conn, NOTE).await?.is_some() {
        return Ok(vec![]);
    }
    let mut steps = vec![];
    let mut step = |text, url, label, code| steps.push(Step { text, url, label, code });
    if config.lists.is_some() && lists::query::all_lists(&conn).await?.is_empty() {
        step("A mailing list, where people talk by mail", "/lists/new", "New list", "guildhall lists new dev");
    }
    let actor = people::Actor::system("first steps");
    if config.commits.is_some() && commits::query::repositories(&conn, &actor).await?.is_empty() {
        let code = "guildhall commits add NAME PATH";
        step("A repository, whose pushes stand here and close issues", "/admin/commits", "Register a repository", code);
    }
    if config.chat.as_ref().is_some_and(|chat| chat.network.is_empty()) {
        let code = "[[chat.network]] in guildhall.toml";
        step("A channel on IRC, whose talk is kept and found", "/docs/admin/irc", "How", code);
    }
    if config.site.as_ref().is_some_and(|site| site.source.as_os_str().is_empty()) {
        step("The project's own web site", "/docs/admin/configuration", "How", "source in [site] of guildhall.toml");
    }
    if config.accounts.is_some() && people::user::at_most_one(&conn).await? {
        step("The first other people", "/admin/invitations", "Invite", "guildhall accounts add NAME --email E");
    }
    Ok(steps)
}

/// Shows none of them any more, whether done or not.
pub async fn put_away(tx: &store::Tx) -> Result<(), sea_orm::DbErr> {
    store::set_note(tx, NOTE, PUT_AWAY).await
}

/// The administrator has seen enough of them.
pub async fn dismiss(
    State(pages): State<Pages>,
    _: Administrator,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response> {
    let tx = pages.hub.store.write().await?;
    put_away(&tx).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&pages.hub.settings, "/", "The first steps are put away."))
}

#[derive(Deserialize)]
pub struct Nothing {}
