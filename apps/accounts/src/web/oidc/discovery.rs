//! What programs read to know the provider (OpenID Connect Discovery 1.0, RFC 8414).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::Accounts;
use crate::oidc::{SCOPES, key};

/// An answer that scripts of other sites may read; it carries no cookie and is the same for everybody.
pub(super) fn open(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// JSON that is never kept (RFC 6749 section 5.1).
pub(super) fn secret_json(value: &Value) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    open((headers, value.to_string()).into_response())
}

/// The metadata of the provider.
pub(super) async fn configuration(State(accounts): State<Accounts>) -> Response {
    let url = |path: &str| accounts.hub.url(path);
    let scopes: Vec<&str> = SCOPES.iter().map(|(scope, _)| *scope).collect();
    let document = json!({
        "issuer": accounts.hub.settings.url,
        "authorization_endpoint": url("/oidc/authorize"),
        "token_endpoint": url("/oidc/token"),
        "userinfo_endpoint": url("/oidc/userinfo"),
        "jwks_uri": url("/oidc/jwks"),
        "service_documentation": url("/docs/"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "preferred_username", "profile",
            "zoneinfo", "email", "email_verified", "groups",
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    });
    open(
        (
            [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")],
            document.to_string(),
        )
            .into_response(),
    )
}

/// The keys that verify ID tokens.
pub(super) async fn jwks(State(accounts): State<Accounts>) -> web::Result<Response> {
    key::current(&accounts.hub.store).await?;
    let keys = key::published(&accounts.hub.store.read()).await?;
    let headers = [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=300")];
    Ok(open((headers, keys.to_string()).into_response()))
}

/// Lets scripts of other sites ask the token and userinfo endpoints; both want a secret that is not a cookie.
pub(super) async fn preflight() -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    open(headers.into_response())
}
