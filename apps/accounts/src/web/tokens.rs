//! API tokens of somebody.

use axum::extract::State;
use axum::response::Response;
use chrono::Duration;
use kernel::{Context, context};
use web::{CurrentUser, Fields};

use super::form::{self, Errors};
use super::fresh;
use crate::audit::Client;
use crate::scope::{self, SCOPES};
use crate::{Accounts, Refusal};

/// The tokens, and the form for another one.
pub(super) async fn list(State(accounts): State<Accounts>, user: CurrentUser) -> web::Result<Response> {
    user.render("accounts/me.tokens.html", context_of(&accounts, &user, &Fields::default(), Errors::new()).await?)
}

async fn context_of(accounts: &Accounts, user: &CurrentUser, fields: &Fields, errors: Errors) -> web::Result<Context> {
    let now = accounts.hub.now();
    let rows = people::token::of_user(&accounts.hub.store.read(), user.seat.user.id).await?;
    let tokens: Vec<_> = rows
        .iter()
        .map(|row| serde_json::json!({
            "id": row.id.to_string(), "label": row.label, "scopes": row.scopes, "created_at": row.created_at,
            "used_at": row.used_at, "expires_at": row.expires_at, "is_over": row.expires_at.is_some_and(|end| end <= now),
        }))
        .collect();
    let scopes: Vec<_> =
        SCOPES.iter().map(|(word, means)| serde_json::json!({ "value": word, "label": word, "help": means })).collect();
    let chosen: Vec<&str> = fields.all("scope").collect();
    let chosen = if fields.0.is_empty() { vec!["read"] } else { chosen };
    Ok(context! {
        title: "Tokens", tokens, scopes, chosen, label: fields.get("label"), days: fields.get("days"), errors,
        prove: fresh::is_needed(accounts, user), secret: None::<String>,
    })
}

/// Makes a token; its secret is shown on this answer and never again.
pub(super) async fn make(State(accounts): State<Accounts>, user: CurrentUser, fields: Fields) -> web::Result<Response> {
    match issue(&accounts, &user, &fields).await {
        Ok(secret) => {
            let mut context = context_of(&accounts, &user, &Fields::default(), Errors::new()).await?;
            context.insert("secret", &secret);
            context.insert("prove", &false);
            user.render("accounts/me.tokens.html", context)
        }
        Err(refusal) => {
            let context = context_of(&accounts, &user, &fields, form::explain(refusal)?).await?;
            user.refuse("accounts/me.tokens.html", context)
        }
    }
}

async fn issue(accounts: &Accounts, user: &CurrentUser, fields: &Fields) -> Result<String, Refusal> {
    let days = match fields.get("days") {
        "" => None,
        text => Some(text.parse::<u16>().map_err(|_| Refusal::Bad("The days are a number, or nothing.".into()))?),
    };
    fresh::prove(accounts, user, fields).await?;
    let life = days.filter(|days| *days > 0).map(|days| Duration::days(days.into()));
    let scopes: Vec<&str> = fields.all("scope").collect();
    let tx = accounts.hub.store.write().await?;
    let (actor, own) = (user.actor(), &user.seat.user);
    let secret = scope::issue(&tx, actor, own, fields.get("label"), &scopes, life, &Client::of(user)).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Revokes a token.
pub(super) async fn revoke(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let Ok(id) = fields.get("id").parse() else { return Err(web::Error::no("such token")) };
    let tx = accounts.hub.store.write().await?;
    scope::revoke(&tx, user.actor(), &user.seat.user, id, &Client::of(&user)).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&accounts.hub.settings, "/me/tokens", "The token opens nothing any more."))
}
