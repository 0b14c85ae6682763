//! `/auth/check`: another web server asks who sends it a request, and whether they may (nginx `auth_request`).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use people::User;
use web::Page;

use crate::delay::Try;
use crate::gate::{self, Rule};
use crate::{Accounts, Refusal, login};

/// Answers 200 with `X-Auth-User`, `X-Auth-Groups` and `X-Auth-Email`, 401 or 403. `X-Original-URI` and
/// `X-Original-Host`, which the other server sets, choose the rule; what it was sent as `X-Auth-*` counts for nothing.
pub(super) async fn check(State(accounts): State<Accounts>, page: Page, headers: HeaderMap) -> web::Result<Response> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = if text("x-original-host").is_empty() { text("host") } else { text("x-original-host") };
    let Some(rule) = gate::rule(&accounts.config.gates, host, text("x-original-uri")) else {
        return Ok((StatusCode::FORBIDDEN, "This path cannot be judged.\n").into_response());
    };
    let user = match who(&accounts, &page, &headers).await {
        Ok(user) => user,
        Err(Refusal::WrongPassword | Refusal::Waiting | Refusal::Wait(_)) => None,
        Err(refusal) => return Err(refusal.into()),
    };
    let only_reads = matches!(text("x-original-method").to_ascii_uppercase().as_str(), "" | "GET" | "HEAD" | "OPTIONS");
    let writes = page
        .seat()
        .and_then(|seat| seat.scopes.as_ref())
        .is_none_or(|scopes| scopes.iter().any(|scope| scope == "write"));
    match (rule, user) {
        (Rule::Everybody, None) => Ok(StatusCode::OK.into_response()),
        (_, None) => Ok(challenge()),
        (_, Some(_)) if !only_reads && !writes => {
            Ok((StatusCode::FORBIDDEN, "This token does not write.\n").into_response())
        }
        (rule, Some(user)) => {
            let conn = accounts.hub.store.read();
            let groups: Vec<String> =
                people::group::of_user(&conn, user.id).await?.into_iter().map(|(group, _)| group.name).collect();
            if let Rule::Groups(wanted) = rule
                && !wanted.iter().any(|group| groups.contains(group))
            {
                return Ok((StatusCode::FORBIDDEN, "This is for other groups.\n").into_response());
            }
            let emails = people::user::emails(&conn, user.id).await?;
            let email = emails.into_iter().find(|email| email.is_primary && email.confirmed_at.is_some());
            Ok(answer(&user, &groups, email.map(|email| email.address).unwrap_or_default().as_str()))
        }
    }
}

/// Whoever has a session, a token or a password with the request.
async fn who(accounts: &Accounts, page: &Page, headers: &HeaderMap) -> Result<Option<User>, Refusal> {
    if let Some(seat) = page.seat() {
        return Ok(Some(seat.user.clone()));
    }
    let Some((name, password)) = headers.get(header::AUTHORIZATION).and_then(basic) else { return Ok(None) };
    if let Some(user) = login::recall(accounts, &name, &password).await? {
        return Ok(Some(user));
    }
    let attempt = Try::new(&name, page.client(), None);
    accounts.delays.begin(&attempt, accounts.hub.now()).map_err(Refusal::Wait)?;
    let user = login::check(accounts, &name, &password).await?;
    accounts.delays.succeeded(&attempt);
    Ok(Some(user))
}

pub(crate) fn basic(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some((name.to_owned(), password.to_owned()))
}

fn challenge() -> Response {
    let headers = [(header::WWW_AUTHENTICATE, "Basic realm=\"Guildhall\", charset=\"UTF-8\"")];
    (StatusCode::UNAUTHORIZED, headers, "Sign in first.\n").into_response()
}

fn answer(user: &User, groups: &[String], email: &str) -> Response {
    let mut response = StatusCode::OK.into_response();
    let groups = groups.join(",");
    let fields = [("x-auth-user", user.name.as_str()), ("x-auth-groups", groups.as_str()), ("x-auth-email", email)];
    for (name, text) in fields {
        // An address outside of ASCII goes as UTF-8 bytes, which HTTP lets pass (RFC 9110 section 5.5).
        if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
