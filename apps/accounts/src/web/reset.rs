//! Choosing a new password by a link in a mail.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use people::User;
use web::{Fields, Page};

use super::form::{self, Errors};
use crate::audit::{self, Client, Deed};
use crate::{Accounts, Refusal, Ticket, password, ticket};

/// The form that asks whose password it is.
pub(super) async fn show(page: Page) -> web::Result<Response> {
    page.render("accounts/reset.form.html", context! { title: "Choose a new password", who: "" })
}

/// Lets a mail go out. The answer is the same for everybody; who is known shows only in the mail.
pub(super) async fn ask(State(accounts): State<Accounts>, page: Page, fields: Fields) -> web::Result<Response> {
    let who: String = fields.get("who").chars().take(254).collect();
    if who.is_empty() {
        let errors = Errors::from([("who", "Type your name or your mail address.".to_owned())]);
        return page.refuse("accounts/reset.form.html", context! { title: "Choose a new password", who, errors });
    }
    accounts.letters.take(page.client())?;
    accounts.letters.take_key(format!("reset {}", who.to_lowercase()))?;
    let tx = accounts.hub.store.write().await?;
    crate::jobs::mail_reset(&tx, &who).await?;
    audit::record(&tx, &people::Actor::Anonymous, Deed::ResetAsked, None, &Client::of(&page), &who).await?;
    tx.commit().await?;
    let minutes = ticket::Kind::Reset.life().num_minutes();
    page.render("accounts/reset.sent.html", context! { title: "Read your mail", minutes })
}

async fn find(accounts: &Accounts, secret: &str) -> web::Result<(Ticket, User)> {
    let conn = accounts.hub.store.read();
    let ticket = ticket::find(&conn, ticket::Kind::Reset, secret, accounts.hub.now()).await?;
    let user = match ticket.as_ref().and_then(|ticket| ticket.user_id) {
        Some(user) => people::user::by_id(&conn, user).await?.filter(|user| user.state == "active"),
        None => None,
    };
    if let Some(found) = ticket.zip(user) {
        return Ok(found);
    }
    let used = ticket::find_used(&conn, ticket::Kind::Reset, secret, accounts.hub.now()).await?;
    Err(match used {
        Some(_) => Refusal::UsedTicket(
            "a new password was chosen with it. Log in with that, or ask for another link under “Forgot the password?”."
                .into(),
        ),
        None => Refusal::DeadTicket("Ask for a new one under “Forgot the password?”."),
    }
    .into())
}

/// The form for the new password; looking does not use the link up.
pub(super) async fn choose(
    State(accounts): State<Accounts>,
    page: Page,
    Path(secret): Path<String>,
) -> web::Result<Response> {
    let (_, user) = find(&accounts, &secret).await?;
    page.render("accounts/reset.password.html", context! { title: "Choose a new password", name: user.name })
}

/// Keeps the new password, ends every session, and signs the person in.
pub(super) async fn submit(
    State(accounts): State<Accounts>,
    page: Page,
    Path(secret): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let (ticket, user) = find(&accounts, &secret).await?;
    let client = Client::of(&page);
    match change(&accounts, &ticket, &user, &fields, &client).await {
        Ok(()) => super::login::open_session(&accounts, &user, &user.name, &client, "/").await,
        Err(refusal) => {
            let context = context! { title: "Choose a new password", name: user.name, errors: form::explain(refusal)? };
            page.refuse("accounts/reset.password.html", context)
        }
    }
}

async fn change(
    accounts: &Accounts,
    ticket: &Ticket,
    user: &User,
    fields: &Fields,
    client: &Client,
) -> Result<(), Refusal> {
    let known = crate::login::known(accounts, user).await?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hash = password::prepare(&accounts.hasher, form::password(fields, "password"), &known).await?;
    let tx = accounts.hub.store.write().await?;
    password::reset(&tx, ticket, user, hash, client).await?;
    Ok(tx.commit().await?)
}
