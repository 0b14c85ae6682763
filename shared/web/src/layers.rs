//! What surrounds every answer: headers, and pages for errors.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Router};
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};

use crate::kept::Form;
use crate::{Error, Notice, Page, Shell, again};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CSP),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Adds the security headers that an answer does not have yet.
pub async fn secure(request: Request, next: Next) -> Response {
    let https = request.extensions().get::<Arc<Shell>>().is_some_and(|shell| shell.hub.settings.is_https());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// The router of a hub: everything that surrounds an answer. A refused form is given back in its own page, so what
/// surrounds stands outside of the routes.
pub fn around(routes: Router, shell: Arc<Shell>) -> Router {
    Router::new()
        .fallback_service(routes)
        .layer(axum::middleware::from_fn(refuse_nul))
        .layer(axum::middleware::from_fn(dress))
        .layer(axum::middleware::from_fn(secure))
        // Each reader has a bound of its own, and so has the hub for all of a request.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(Extension(shell))
}

/// Refuses an address with a NUL in it before anybody looks for it: PostgreSQL takes none.
async fn refuse_nul(request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_some_and(|address| address.as_str().contains("%00")) {
        return Error::NotFound("There is no such page: its address has a NUL in it.".into()).into_response();
    }
    next.run(request).await
}

/// Turns an [`Error`] into a page for a browser; programs get its sentence as plain text.
async fn dress(request: Request, next: Next) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let mut asked = parts.clone();
    parts.extensions.remove::<Page>();
    let (form, body) = Form::lend(&mut parts, body);
    let response = next.clone().run(Request::from_parts(parts, body)).await;
    let Some(notice) = response.extensions().get::<Notice>().cloned().or_else(|| bare(&response)) else {
        return response;
    };
    if notice.sign_in && matches!(asked.method, Method::GET | Method::HEAD) {
        let here = asked.uri.path_and_query().map_or("/", |here| here.as_str());
        return Redirect::to(&format!("/login?next={}", crate::urlpart(here))).into_response();
    }
    let typed = match form {
        Some(form) => form.typed(&asked).await.filter(|typed| !typed.is_empty()),
        None => None,
    };
    let dressed = match typed {
        Some(typed) => again::give_back(&mut asked, &notice, &typed, next).await,
        None => again::tell(&mut asked, &notice).await,
    };
    let Ok(mut dressed) = dressed else { return response };
    if let Some(after) = response.headers().get(header::RETRY_AFTER) {
        dressed.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    dressed
}

/// The notice for an error that axum itself answered without a body of its own.
fn bare(response: &Response) -> Option<Notice> {
    let plain = !response.headers().contains_key(header::CONTENT_TYPE);
    let said = |status, headline, text: &str, mend| {
        Some(Notice { status, headline, text: text.into(), mend, sign_in: false, again: None })
    };
    match response.status() {
        status @ StatusCode::NOT_FOUND if plain => {
            said(status, "Not found", "There is no such page.", crate::error::ELSEWHERE)
        }
        status @ StatusCode::METHOD_NOT_ALLOWED if plain => {
            said(status, "Not possible", "This address does not answer to that method.", "Nothing was changed.")
        }
        _ => None,
    }
}
