//! What the demo changes in pages on their way out: where the hub stood when its mails were written, and a word on how far
//! it is while it fills.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// The longest page that is changed, bytes; longer ones go as they are.
const LONGEST: usize = 64 << 20;

/// A demo that is started again stands elsewhere: links in what was written before lead to where it stands now.
pub async fn moved(State(places): State<Arc<(String, String)>>, mut request: Request, next: Next) -> Response {
    let (before, now) = &*places;
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    text(next.run(request).await, |page| page.replace(before.as_str(), now)).await
}

/// A page or text with its words changed; anything else as it is.
pub async fn text(response: Response, change: impl FnOnce(String) -> String) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = ["text/html", "text/plain", "application/atom+xml"].iter().any(|known| kind.starts_with(known));
    if !is_text || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        let mut failed = Response::new(Body::from("This page is too long for a demo.\n"));
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return failed;
    };
    let changed = match String::from_utf8(bytes.to_vec()) {
        Ok(page) => change(page).into_bytes(),
        Err(other) => other.into_bytes(),
    };
    if parts.headers.contains_key(header::CONTENT_LENGTH) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(changed.len()));
    }
    Response::from_parts(parts, Body::from(changed))
}
