//! What surrounds every answer: headers, and pages for errors.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use kernel::context;

use crate::{Error, Notice, Page, Shell};

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

/// Turns an [`Error`] into a page for a browser; programs get its sentence as plain text.
pub async fn dress(request: Request, next: Next) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wants_page = accepts.contains("text/html");
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let (mut parts, body) = request.into_parts();
    let page = wants_page.then(|| parts.clone());
    parts.extensions.remove::<Page>();
    let response = next.run(Request::from_parts(parts, body)).await;
    let notice = response.extensions().get::<Notice>().cloned().or_else(|| bare(&response));
    let (Some(notice), Some(mut parts)) = (notice, page) else { return response };
    if notice.sign_in && is_get {
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
        return Redirect::to(&format!("/login?next={}", crate::urlpart(here))).into_response();
    }
    match dressed(&mut parts, &notice).await {
        Ok(mut dressed) => {
            if let Some(after) = response.headers().get(header::RETRY_AFTER) {
                dressed.headers_mut().insert(header::RETRY_AFTER, after.clone());
            }
            dressed
        }
        Err(_) => response,
    }
}

async fn dressed(parts: &mut http::request::Parts, notice: &Notice) -> Result<Response, Error> {
    let page = Page::from_request_parts(parts, &()).await?;
    let context = context! {
        title: notice.headline, status: notice.status.as_u16(), headline: notice.headline, text: notice.text,
        mend: notice.mend,
    };
    page.render_with(notice.status, "error.html", context)
}

/// The notice for an error that axum itself answered without a body of its own.
fn bare(response: &Response) -> Option<Notice> {
    let plain = !response.headers().contains_key(header::CONTENT_TYPE);
    let said =
        |status, headline, text: &str, mend| Some(Notice { status, headline, text: text.into(), mend, sign_in: false });
    match response.status() {
        status @ StatusCode::NOT_FOUND if plain => said(
            status,
            "Not found",
            "There is no such page.",
            "It may have moved: search for it, or start at the front page.",
        ),
        status @ StatusCode::METHOD_NOT_ALLOWED if plain => {
            said(status, "Not possible", "This address does not answer to that method.", "Nothing was changed.")
        }
        _ => None,
    }
}
