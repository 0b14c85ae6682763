//! The programs that somebody lets know of them.

use axum::extract::State;
use axum::response::Response;
use kernel::context;
use web::{CurrentUser, Fields};

use crate::Accounts;
use crate::audit::Client;
use crate::oidc::{SCOPES, consent};

/// Which they are, and what they know.
pub(in crate::web) async fn list(State(accounts): State<Accounts>, user: CurrentUser) -> web::Result<Response> {
    let given = consent::of_user(&accounts.hub.store.read(), user.seat.user.id).await?;
    let programs: Vec<_> = given
        .into_iter()
        .map(|(client, scope, at)| {
            let knows: Vec<&str> = SCOPES
                .iter()
                .filter(|(word, _)| *word != "openid" && scope.split(' ').any(|held| held == *word))
                .map(|(_, means)| *means)
                .collect();
            serde_json::json!({ "id": client.id.to_string(), "name": client.name, "knows": knows.join("; "), "at": at })
        })
        .collect();
    user.render("accounts/me.programs.html", context! { title: "Programs", programs })
}

/// Takes the consent back.
pub(in crate::web) async fn end(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let Ok(id) = fields.get("id").parse() else { return Err(web::Error::no("such program")) };
    let tx = accounts.hub.store.write().await?;
    consent::take(&tx, &user.seat.user, id, &Client::of(&user)).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&accounts.hub.settings, "/me/programs", "The program knows nothing new of you any more."))
}
