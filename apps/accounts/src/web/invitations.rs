//! Invitations that wait to be used.

use axum::extract::State;
use axum::response::Response;
use kernel::{Context, context};
use web::{Administrator, Fields};

use super::form::{self, Errors};
use crate::audit::Client;
use crate::{Accounts, invitation, ticket};

/// The invitations, and the form for another one.
pub(super) async fn list(State(accounts): State<Accounts>, page: Administrator) -> web::Result<Response> {
    page.render("accounts/admin.invitations.html", context_of(&accounts, "", None, Errors::new()).await?)
}

async fn context_of(accounts: &Accounts, address: &str, link: Option<String>, errors: Errors) -> web::Result<Context> {
    let living = ticket::living(&accounts.hub.store.read(), ticket::Kind::Invitation, None, accounts.hub.now()).await?;
    let invitations: Vec<_> = living
        .iter()
        .map(|ticket| {
            serde_json::json!({
                "id": ticket.id.to_string(), "address": ticket.address, "host": invitation::host(ticket),
                "created_at": ticket.created_at, "expires_at": ticket.expires_at,
            })
        })
        .collect();
    let days = ticket::Kind::Invitation.life().num_days();
    Ok(context! { title: "Invitations", invitations, address, link, errors, days })
}

/// Invites somebody; the link is shown on this answer and never again.
pub(super) async fn make(
    State(accounts): State<Accounts>,
    page: Administrator,
    fields: Fields,
) -> web::Result<Response> {
    let address = fields.get("address");
    let made = async {
        let tx = accounts.hub.store.write().await?;
        let host = &page.0.seat.user;
        let path = invitation::make(&tx, &accounts.hub, page.actor(), host, address, &Client::of(&page)).await?;
        tx.commit().await?;
        Ok(path)
    };
    match made.await {
        Ok(path) => {
            let link = Some(accounts.hub.url(&path));
            page.render("accounts/admin.invitations.html", context_of(&accounts, "", link, Errors::new()).await?)
        }
        Err(refusal) => {
            let context = context_of(&accounts, address, None, form::explain(refusal)?).await?;
            page.refuse("accounts/admin.invitations.html", context)
        }
    }
}

/// Takes an invitation back.
pub(super) async fn revoke(
    State(accounts): State<Accounts>,
    page: Administrator,
    fields: Fields,
) -> web::Result<Response> {
    let Ok(id) = fields.get("id").parse() else { return Err(web::Error::no("such invitation")) };
    let tx = accounts.hub.store.write().await?;
    invitation::take_back(&tx, page.actor(), id, &Client::of(&page)).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&accounts.hub.settings, "/admin/invitations", "The invitation opens nothing any more."))
}
