//! What a program may know of the person behind an access token (OpenID Connect Core section 5.3, RFC 6750).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use web::Pairs;

use super::discovery::{open, secret_json};
use crate::Accounts;
use crate::oidc::request::Parameters;
use crate::oidc::{claims, grant};

/// With the token in the header.
pub(in crate::web) async fn show(State(accounts): State<Accounts>, headers: HeaderMap) -> web::Result<Response> {
    answer(&accounts, bearer(&headers)).await
}

/// With the token in the header or in the form.
pub(in crate::web) async fn show_by_post(
    State(accounts): State<Accounts>,
    headers: HeaderMap,
    form: web::Result<Pairs>,
) -> web::Result<Response> {
    let parameters = match form {
        Ok(Pairs(pairs)) => Parameters::new(pairs),
        Err(error @ web::Error::TooLarge(_)) => return Err(error),
        Err(_) => Parameters::default(),
    };
    let token = bearer(&headers).or_else(|| parameters.get("access_token").map(str::to_owned));
    answer(&accounts, token).await
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

async fn answer(accounts: &Accounts, token: Option<String>) -> web::Result<Response> {
    let Some(token) = token else { return Ok(refuse("Bearer")) };
    let conn = accounts.hub.store.read();
    let Some((user, scope)) = grant::holder(&conn, &token, accounts.hub.now()).await? else {
        return Ok(refuse("Bearer error=\"invalid_token\", error_description=\"The token is unknown or has ended.\""));
    };
    Ok(secret_json(&claims::of(&conn, &accounts.hub, &user, &scope).await?))
}

fn refuse(challenge: &'static str) -> Response {
    let headers = [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))];
    open((StatusCode::UNAUTHORIZED, headers).into_response())
}
