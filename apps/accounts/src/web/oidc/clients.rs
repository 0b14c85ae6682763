//! The programs that are registered, for administrators.

use axum::extract::State;
use axum::response::Response;
use kernel::{Context, context};
use web::{Administrator, Fields};

use super::super::form::{self, Errors};
use crate::audit::{self, Deed};
use crate::oidc::client::{self, Registered, Wish};
use crate::oidc::key;
use crate::{Accounts, Refusal};

/// The programs, and the form for another one.
pub(in crate::web) async fn list(State(accounts): State<Accounts>, page: Administrator) -> web::Result<Response> {
    page.render("accounts/admin.programs.html", context_of(&accounts, &Wish::default(), None, Errors::new()).await?)
}

async fn context_of(
    accounts: &Accounts,
    wish: &Wish,
    made: Option<Registered>,
    errors: Errors,
) -> web::Result<Context> {
    let clients: Vec<_> = client::all(&accounts.hub.store.read())
        .await?
        .into_iter()
        .map(|client| {
            serde_json::json!({
                "id": client.id.to_string(), "client_id": client.client_id, "name": client.name,
                "uris": client.redirect_uris.lines().collect::<Vec<_>>(), "group": client.required_group,
                "is_public": client.is_public, "is_trusted": client.is_trusted,
            })
        })
        .collect();
    let made = made.map(|made| serde_json::json!({ "client_id": made.client.client_id, "secret": made.secret }));
    Ok(context! {
        title: "Programs", clients, made, errors, issuer: accounts.hub.settings.url, name: wish.name,
        redirect_uris: wish.redirect_uris, group: wish.required_group, is_public: wish.is_public, is_trusted: wish.is_trusted,
    })
}

/// Registers a program; its secret is shown on this answer and never again.
pub(in crate::web) async fn register(
    State(accounts): State<Accounts>,
    page: Administrator,
    fields: Fields,
) -> web::Result<Response> {
    let wish = Wish {
        name: fields.get("name").into(),
        redirect_uris: fields.get("redirect_uris").into(),
        required_group: fields.get("group").into(),
        is_public: fields.has("is_public"),
        is_trusted: fields.has("is_trusted"),
    };
    let made = async {
        let tx = accounts.hub.store.write().await?;
        let made = client::register(&tx, page.actor(), &wish, &audit::Client::of(&page)).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(made)
    };
    match made.await {
        Ok(made) => {
            let context = context_of(&accounts, &Wish::default(), Some(made), Errors::new()).await?;
            page.render("accounts/admin.programs.html", context)
        }
        Err(refusal) => {
            let context = context_of(&accounts, &wish, None, form::explain(refusal)?).await?;
            page.refuse("accounts/admin.programs.html", context)
        }
    }
}

/// Deletes a program.
pub(in crate::web) async fn remove(
    State(accounts): State<Accounts>,
    page: Administrator,
    fields: Fields,
) -> web::Result<Response> {
    let Ok(id) = fields.get("id").parse() else { return Err(web::Error::no("such program")) };
    let tx = accounts.hub.store.write().await?;
    client::remove(&tx, page.actor(), id, &audit::Client::of(&page)).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&accounts.hub.settings, "/admin/programs", "The program is gone, and every token of it."))
}

/// Lets another key sign from now on.
pub(in crate::web) async fn rotate(
    State(accounts): State<Accounts>,
    page: Administrator,
    _: Fields,
) -> web::Result<Response> {
    let tx = accounts.hub.store.write().await?;
    key::rotate(&tx).await?;
    audit::record(&tx, page.actor(), Deed::ProgramChanged, None, &audit::Client::of(&page), "rotated the signing key")
        .await?;
    tx.commit().await?;
    Ok(web::see_other_saying(
        &accounts.hub.settings,
        "/admin/programs",
        "Another key signs now; the one before stays published for a week.",
    ))
}
