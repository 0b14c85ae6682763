//! The token endpoint (RFC 6749 section 3.2).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use web::Pairs;

use super::discovery::secret_json;
use crate::oidc::client::{self, Client};
use crate::oidc::grant::{self, Granted};
use crate::oidc::request::{Fault, Parameters, fault};
use crate::oidc::{LIFE, claims, jwt, key};
use crate::{Accounts, Refusal};

/// Exchanges a code or a refresh token.
pub(in crate::web) async fn exchange(
    State(accounts): State<Accounts>,
    headers: HeaderMap,
    form: web::Result<Pairs>,
) -> web::Result<Response> {
    let pairs = match form {
        Ok(Pairs(pairs)) => pairs,
        Err(error @ web::Error::TooLarge(_)) => return Err(error),
        Err(_) => {
            return Ok(refuse(&Fault { error: "invalid_request", text: "The request carries no form." }, false));
        }
    };
    let parameters = Parameters::new(pairs);
    let tells = headers.contains_key(header::AUTHORIZATION);
    let client = match authenticate(&accounts, &headers, &parameters).await? {
        Ok(client) => client,
        Err(fault) => return Ok(refuse(&fault, tells)),
    };
    match grant(&accounts, &client, &parameters).await? {
        Ok(granted) => Ok(secret_json(&answer(&accounts, &client, granted).await?)),
        Err(fault) => Ok(refuse(&fault, tells)),
    }
}

async fn grant(accounts: &Accounts, client: &Client, parameters: &Parameters) -> Result<grant::Outcome, Refusal> {
    let tx = accounts.hub.store.write().await?;
    let outcome = match (parameters.get("grant_type"), parameters.get("code"), parameters.get("refresh_token")) {
        (Some("authorization_code"), Some(code), _) => {
            grant::exchange(&tx, client, code, parameters.get("redirect_uri"), parameters.get("code_verifier")).await?
        }
        (Some("refresh_token"), _, Some(secret)) => {
            grant::refresh(&tx, client, secret, parameters.get("scope")).await?
        }
        (Some("authorization_code"), None, _) => fault("invalid_request", "The code is missing."),
        (Some("refresh_token"), _, None) => fault("invalid_request", "The refresh_token is missing."),
        (None, _, _) => fault("invalid_request", "The grant_type is missing."),
        (Some(_), _, _) => fault("unsupported_grant_type", "The grant_type is authorization_code or refresh_token."),
    };
    // A refusal may have revoked what a stolen code gave.
    tx.commit().await?;
    Ok(outcome)
}

/// The program, by HTTP Basic, by fields of the form, or, when it has no secret, by its name (section 2.3).
async fn authenticate(
    accounts: &Accounts,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Result<Client, Fault>, Refusal> {
    let refused = || fault("invalid_client", "The program is unknown or its secret is wrong.");
    if parameters.is_twisted() {
        return Ok(fault("invalid_request", "A parameter came twice."));
    }
    let basic = match headers.get(header::AUTHORIZATION).map(|value| value.to_str().ok().and_then(read_basic)) {
        None => None,
        Some(Some(pair)) => Some(pair),
        Some(None) => return Ok(refused()),
    };
    let (id, secret) = match (basic, parameters.get("client_id"), parameters.get("client_secret")) {
        (Some(_), _, Some(_)) => return Ok(fault("invalid_request", "The program authenticates in two ways at once.")),
        (Some((id, _)), Some(other), None) if id != other => {
            return Ok(fault("invalid_request", "The program has two names."));
        }
        (Some((id, secret)), _, None) => (id, Some(secret)),
        (None, Some(id), secret) => (id.to_owned(), secret.map(str::to_owned)),
        (None, None, _) => return Ok(refused()),
    };
    let Some(client) = client::find(&accounts.hub.store.read(), &id).await? else { return Ok(refused()) };
    let proven = match secret {
        Some(secret) => client.has_secret(&secret),
        None => client.is_public,
    };
    Ok(if proven { Ok(client) } else { refused() })
}

/// Name and secret of HTTP Basic, each form-urlencoded within (section 2.3.1).
fn read_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let plain =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(|text| text.into_owned());
    Some((plain(id)?, plain(secret)?))
}

async fn answer(accounts: &Accounts, client: &Client, granted: Granted) -> Result<Value, Refusal> {
    let now = accounts.hub.now();
    let mut id = json!({
        "iss": accounts.hub.settings.url, "sub": claims::subject(&granted.user), "aud": client.client_id,
        "exp": (now + LIFE).timestamp(), "iat": now.timestamp(), "auth_time": granted.auth_time.timestamp(),
        "at_hash": jwt::half_hash(&granted.access),
    });
    if !granted.nonce.is_empty() {
        id["nonce"] = json!(granted.nonce);
    }
    let key = key::current(&accounts.hub.store).await?;
    let mut answer = json!({
        "access_token": granted.access, "token_type": "Bearer", "expires_in": LIFE.num_seconds(), "scope": granted.scope,
    });
    if granted.scope.split(' ').any(|scope| scope == "openid") {
        answer["id_token"] = json!(key::sign(&key, &id)?);
    }
    if let Some(refresh) = granted.refresh {
        answer["refresh_token"] = json!(refresh);
    }
    Ok(answer)
}

fn refuse(fault: &Fault, tells: bool) -> Response {
    let mut response = secret_json(&json!({ "error": fault.error, "error_description": fault.text }));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    if fault.error == "invalid_client" {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        if tells {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
    }
    response
}
