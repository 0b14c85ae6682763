//! Confirming an address: of a sign-up, or a further one of a user.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use web::{Fields, Page};

use super::form::{self, Errors};
use crate::audit::Client;
use crate::delay::Try;
use crate::{Accounts, Refusal, Ticket, address, signup, ticket};

enum Found {
    Signup(Ticket),
    Address(Ticket, people::User),
    /// It was confirmed before; the address.
    Done(String),
}

async fn find(accounts: &Accounts, secret: &str) -> web::Result<Found> {
    let (conn, now) = (accounts.hub.store.read(), accounts.hub.now());
    if let Some(ticket) = ticket::find(&conn, ticket::Kind::Signup, secret, now).await? {
        return Ok(Found::Signup(ticket));
    }
    let ticket = ticket::find(&conn, ticket::Kind::Address, secret, now).await?;
    let user = match ticket.as_ref().and_then(|ticket| ticket.user_id) {
        Some(user) => people::user::by_id(&conn, user).await?,
        None => None,
    };
    match (ticket, user) {
        (Some(ticket), Some(user)) => Ok(Found::Address(ticket, user)),
        _ => match done(accounts, secret).await? {
            Some(address) => Ok(Found::Done(address)),
            None => Err(Refusal::DeadTicket("Log in, or sign up again.").into()),
        },
    }
}

/// The address that a link confirmed before.
async fn done(accounts: &Accounts, secret: &str) -> web::Result<Option<String>> {
    let (conn, now) = (accounts.hub.store.read(), accounts.hub.now());
    for kind in [ticket::Kind::Signup, ticket::Kind::Address] {
        if let Some(ticket) = ticket::find_used(&conn, kind, secret, now).await? {
            return Ok(Some(ticket.address));
        }
    }
    Ok(None)
}

/// What is to be confirmed; looking does not confirm it.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: Page,
    Path(secret): Path<String>,
) -> web::Result<Response> {
    match find(&accounts, &secret).await? {
        Found::Signup(ticket) => {
            page.render("accounts/confirm.signup.html", signup_context(&ticket, "", Errors::new())?)
        }
        Found::Address(ticket, user) => {
            let context = context! { title: "Confirm an address", address: ticket.address, name: user.name };
            page.render("accounts/confirm.address.html", context)
        }
        Found::Done(address) => {
            let (to, said) = match page.seat() {
                Some(_) => ("/me/addresses", format!("{address} was confirmed by this link before.")),
                None => ("/login", format!("{address} was confirmed by this link before: log in.")),
            };
            Ok(web::see_other_saying(&accounts.hub.settings, to, &said))
        }
    }
}

fn signup_context(ticket: &Ticket, name: &str, errors: Errors) -> web::Result<kernel::Context> {
    let wish = signup::wish(ticket)?;
    let taken = errors.contains_key("name");
    let name = if name.is_empty() { wish.name } else { name.to_owned() };
    Ok(context! { title: "Open your account", address: ticket.address, name, taken, errors })
}

/// Confirms it. A sign-up is confirmed with the password that was chosen then, so that nobody opens an account whose
/// password a stranger knows.
pub(super) async fn submit(
    State(accounts): State<Accounts>,
    page: Page,
    Path(secret): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let client = Client::of(&page);
    match find(&accounts, &secret).await? {
        Found::Address(ticket, user) => {
            let tx = accounts.hub.store.write().await?;
            address::confirm(&tx, &ticket, &user, &client).await?;
            tx.commit().await?;
            let to = if page.seat().is_some() { "/me/addresses" } else { "/login" };
            Ok(web::see_other_saying(&accounts.hub.settings, to, &format!("{} is confirmed.", ticket.address)))
        }
        Found::Done(address) => Err(Refusal::UsedTicket(format!("{address} is confirmed. Log in.")).into()),
        Found::Signup(ticket) => match open(&accounts, &page, &ticket, &fields, &client).await {
            Ok(user) if user.state == "active" => {
                super::login::open_session(&accounts, &user, &user.name, &client, "/").await
            }
            Ok(user) => {
                page.render("accounts/confirm.waiting.html", context! { title: "One more step", name: user.name })
            }
            Err(refusal) => {
                let context = signup_context(&ticket, fields.get("name"), form::explain(refusal)?)?;
                page.refuse("accounts/confirm.signup.html", context)
            }
        },
    }
}

async fn open(
    accounts: &Accounts,
    page: &Page,
    ticket: &Ticket,
    fields: &Fields,
    client: &Client,
) -> Result<people::User, Refusal> {
    let attempt = Try::new(&format!("ticket {}", ticket.id), page.client(), None);
    accounts.delays.begin(&attempt, accounts.hub.now()).map_err(Refusal::Wait)?;
    let hash = signup::wish(ticket)?.hash;
    if !accounts.hasher.verify(Some(hash), form::password(fields, "password")).await?.is_right {
        return Err(Refusal::Bad("This is not the password that you chose when you signed up.".into()));
    }
    accounts.delays.succeeded(&attempt);
    let tx = accounts.hub.store.write().await?;
    let policy = accounts.config.signup;
    let user = signup::confirm(&tx, &accounts.hub, policy, ticket, Some(fields.get("name")), client).await?;
    tx.commit().await?;
    Ok(user)
}
