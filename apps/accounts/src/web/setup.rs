//! The first administrator's page.

use axum::extract::{Query, State};
use axum::response::Response;
use kernel::context;
use serde::Deserialize;
use web::{Fields, Page};

use super::form::{self, Errors};
use crate::audit::Client;
use crate::{Accounts, Refusal, Ticket, password, setup, ticket};

const USED: &str = "Restart the service: it prints a new link as long as nobody administers the hub.";

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    token: String,
}

/// The form; without a living link it says where the link is found.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: Page,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    if !setup::is_needed(&accounts.hub).await? {
        return Ok(web::see_other("/login"));
    }
    match living(&accounts, &asked.token).await? {
        Some(_) => page.render("accounts/setup.form.html", context_of(&Fields::default(), &asked.token, Errors::new())),
        None => page
            .render("accounts/setup.wait.html", context! { title: "Set the hub up", tried: !asked.token.is_empty() }),
    }
}

async fn living(accounts: &Accounts, token: &str) -> web::Result<Option<Ticket>> {
    Ok(ticket::find(&accounts.hub.store.read(), ticket::Kind::Setup, token, accounts.hub.now()).await?)
}

fn context_of(fields: &Fields, token: &str, errors: Errors) -> kernel::Context {
    context! {
        title: "Set the hub up", token, errors, name: fields.get("name"), display_name: fields.get("display_name"),
        address: fields.get("address"),
    }
}

/// Makes the first administrator and signs them in.
pub(super) async fn submit(State(accounts): State<Accounts>, page: Page, fields: Fields) -> web::Result<Response> {
    let token = fields.get("token").to_owned();
    let Some(ticket) = living(&accounts, &token).await? else { return Err(Refusal::DeadTicket(USED).into()) };
    let client = Client::of(&page);
    match finish(&accounts, &ticket, &fields, &client).await {
        Ok(user) => super::login::open_session(&accounts, &user, &user.name, &client, "/").await,
        Err(refusal) => page.refuse("accounts/setup.form.html", context_of(&fields, &token, form::explain(refusal)?)),
    }
}

async fn finish(
    accounts: &Accounts,
    ticket: &Ticket,
    fields: &Fields,
    client: &Client,
) -> Result<people::User, Refusal> {
    let (name, address) = (fields.get("name"), fields.get("address"));
    let known = [name, address, fields.get("display_name"), accounts.hub.settings.name.as_str()];
    let hash = password::prepare(&accounts.hasher, form::password(fields, "password"), &known).await?;
    let first = setup::First {
        name: name.into(),
        display_name: form::line(fields.get("display_name")),
        address: address.into(),
        hash,
    };
    let tx = accounts.hub.store.write().await?;
    let user = setup::finish(&tx, ticket, first, client).await?;
    tx.commit().await?;
    Ok(user)
}
