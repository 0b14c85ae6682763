//! Signing in and out.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::context;
use people::User;
use serde::Deserialize;
use web::{Fields, Page};

use super::device;
use super::form::{self, Errors};
use crate::audit::{self, Client, Deed};
use crate::delay::Try;
use crate::{Accounts, Refusal, Signup, login, setup};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub next: String,
}

/// The sign-in page.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: Page,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    if page.seat().is_some() {
        return Ok(web::see_other(form::next(&asked.next)));
    }
    let response =
        page.render("accounts/login.form.html", context_of(&accounts, "", &asked.next, Errors::new()).await?)?;
    Ok(leading_to(&accounts, response, &asked.next).await)
}

/// A page whose form may lead on to the program that sent the browser here.
pub(super) async fn leading_to(accounts: &Accounts, mut response: Response, next: &str) -> Response {
    if let Some(origin) = super::oidc::origin_of(accounts, next).await {
        super::oidc::allow_form_to(&mut response, &origin);
    }
    response
}

async fn context_of(accounts: &Accounts, name: &str, next: &str, errors: Errors) -> web::Result<kernel::Context> {
    let may_sign_up = !matches!(accounts.config.signup, Signup::Closed | Signup::Invite);
    let is_new = setup::is_needed(&accounts.hub).await?;
    let next = form::next(next);
    Ok(context! { title: "Log in", name, next, leads_on: next != "/", may_sign_up, is_new, errors })
}

/// Signs somebody in.
pub(super) async fn submit(
    State(accounts): State<Accounts>,
    page: Page,
    headers: HeaderMap,
    fields: Fields,
) -> web::Result<Response> {
    let who: String = fields.get("name").chars().take(254).collect();
    let client = Client::of(&page);
    let device = device::known(&accounts.hub.settings, &headers, &who);
    let attempt = Try::new(&who, page.client(), device.as_deref());
    accounts.delays.begin(&attempt, accounts.hub.now()).map_err(Refusal::Wait)?;
    match login::check(&accounts, &who, form::password(&fields, "password")).await {
        Ok(user) => {
            accounts.delays.succeeded(&attempt);
            open_session(&accounts, &user, &who, &client, form::next(fields.get("next"))).await
        }
        Err(refusal @ (Refusal::WrongPassword | Refusal::Waiting)) => {
            note_refusal(&accounts, &who, &client).await?;
            let context = context_of(&accounts, &who, fields.get("next"), form::explain(refusal)?).await?;
            let response = page.refuse("accounts/login.form.html", context)?;
            Ok(leading_to(&accounts, response, fields.get("next")).await)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Starts a session, remembers the browser, and goes on to `next`.
pub(super) async fn open_session(
    accounts: &Accounts,
    user: &User,
    who: &str,
    client: &Client,
    next: &str,
) -> web::Result<Response> {
    let tx = accounts.hub.store.write().await?;
    let secret = web::session::start(&tx, user.id, &client.address, &client.agent).await?;
    people::profile::seen(&tx, user.id).await?;
    let actor = people::user::actor(&tx, user.id).await?;
    audit::record(&tx, &actor, Deed::LoggedIn, Some(user), client, "").await?;
    tx.commit().await?;
    let mut response = web::see_other(next);
    web::session::set_cookie(&accounts.hub.settings, &mut response, &secret);
    device::remember(&accounts.hub.settings, &mut response, who);
    if next.starts_with("/oidc/authorize?") {
        super::oidc::keep_opener(&mut response);
    }
    Ok(response)
}

/// Keeps a line about a try that failed. What was typed is kept only when it is the name of somebody: people type
/// their passwords there by mistake.
async fn note_refusal(accounts: &Accounts, who: &str, client: &Client) -> web::Result<()> {
    let tx = accounts.hub.store.write().await?;
    let user = people::user::by_name(&tx, who).await?;
    audit::record(&tx, &people::Actor::Anonymous, Deed::LoginRefused, user.as_ref(), client, "").await?;
    Ok(tx.commit().await?)
}

/// Ends the session of the browser.
pub(super) async fn logout(State(accounts): State<Accounts>, page: Page, _: Fields) -> web::Result<Response> {
    let settings = &accounts.hub.settings;
    if let Some(seat) = page.seat()
        && let Some(session) = &seat.session
    {
        let tx = accounts.hub.store.write().await?;
        web::session::end(&tx, seat.user.id, session.id).await?;
        audit::record(&tx, page.actor(), Deed::LoggedOut, Some(&seat.user), &Client::of(&page), "").await?;
        tx.commit().await?;
    }
    let mut response = web::see_other_saying(settings, "/", "You are logged out.");
    web::session::clear_cookie(settings, &mut response);
    Ok(response)
}
