//! A refusal as a page, with what was typed in it: in the form that it came from, filled anew with a fresh token, or
//! where that form cannot be had, in one that holds the same fields.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{Method, StatusCode, Uri};
use kernel::context;
use serde::Serialize;

use crate::kept::{Kept, Typed};
use crate::refill::refill;
use crate::{Notice, Page, Result, csrf};

/// The largest page into which a form is filled, bytes.
const LARGEST: usize = 8 << 20;

/// A field of a form that is given back.
#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
    /// Whether it is a text, better read in a box of several lines.
    is_text: bool,
    is_secret: bool,
    /// Whether it is a number, which mostly stands for what was chosen from a list and says nothing.
    is_number: bool,
}

/// The page of a refusal.
pub(crate) async fn tell(parts: &mut Parts, notice: &Notice) -> Result<Response> {
    let may_retry = parts.method == Method::GET && notice.status.is_server_error();
    said(&page(parts).await?, notice, may_retry)
}

fn said(page: &Page, notice: &Notice, may_retry: bool) -> Result<Response> {
    let context = context! {
        title: notice.headline, status: notice.status.as_u16(), headline: notice.headline, text: notice.text,
        mend: notice.mend, may_retry,
    };
    page.render_with(notice.status, "error.html", context)
}

/// The page of a refused form, with everything that was typed.
pub(crate) async fn give_back(parts: &mut Parts, notice: &Notice, typed: &Typed, next: Next) -> Result<Response> {
    // A form that another site sent is not made easy to send again.
    let ours = !is_foreign(parts);
    let again = notice.again.filter(|_| ours);
    let page = page(parts).await?;
    if let Some(mend) = again
        && let Some(filled) = own_page(parts, &page, notice, mend, typed, next).await
    {
        return Ok(filled);
    }
    let is_secret = |name: &str| name.contains("password") || name == "current" || name.contains("secret");
    // Where nothing can be sent again, only what somebody may want to keep a copy of is shown.
    let is_shown = |name: &str, value: &str| again.is_some() || !(is_secret(name) || value.is_empty());
    let fields: Vec<Field<'_>> = typed
        .fields
        .iter()
        .filter(|(name, value)| name != csrf::FIELD && is_shown(name, value))
        .map(|(name, value)| {
            let is_secret = is_secret(name);
            let value = if is_secret { "" } else { value.as_str() };
            Field {
                name,
                value,
                is_text: value.contains('\n') || value.len() > 60,
                is_secret,
                is_number: value.parse::<i64>().is_ok(),
            }
        })
        .collect();
    let files = if again.is_some() { typed.files.as_slice() } else { &[] };
    if again.is_none() && fields.is_empty() {
        return said(&page, notice, false);
    }
    let context = context! {
        title: notice.headline, status: notice.status.as_u16(), headline: notice.headline, text: notice.text,
        mend: again.unwrap_or(notice.mend), can_send: again.is_some(), sign_in: notice.sign_in,
        action: parts.uri.path_and_query().map_or("/", |here| here.as_str()), fields: fields, files: files,
    };
    page.render_with(notice.status, "again.html", context)
}

/// The page of the visitor; a stranger's when the database cannot tell who it is.
async fn page(parts: &mut Parts) -> Result<Page> {
    match Page::from_request_parts(parts, &()).await {
        Ok(page) => Ok(page),
        Err(error) => Page::blind(parts).ok_or(error),
    }
}

/// The page from which the form came, or the one at its own address, with the form filled.
async fn own_page(
    parts: &Parts,
    page: &Page,
    notice: &Notice,
    mend: &str,
    typed: &Typed,
    next: Next,
) -> Option<Response> {
    let path = parts.uri.path();
    let files: Vec<&str> = typed.files.iter().map(|(_, name)| name.as_str()).collect();
    let context = context! { text: notice.text, mend: mend, files: files };
    let lead = page.hub().templates.render("again.notice.html", &context).ok()?;
    let mut places: Vec<Uri> = referer(parts).into_iter().collect();
    if places.iter().all(|place| place.path() != path) {
        places.push(parts.uri.clone());
    }
    for place in places {
        let here = place.path().to_owned();
        let Some((head, text)) = get(parts, place, next.clone()).await else { continue };
        if let Some(filled) = refill(&text, &here, path, &typed.fields, &lead) {
            let mut response = Response::from_parts(head, Body::from(filled));
            *response.status_mut() = notice.status;
            response.headers_mut().remove(header::CONTENT_LENGTH);
            return Some(response);
        }
    }
    None
}

async fn get(parts: &Parts, place: Uri, next: Next) -> Option<(http::response::Parts, String)> {
    let mut asking = parts.clone();
    asking.method = Method::GET;
    asking.uri = place;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT] {
        asking.headers.remove(name);
    }
    asking.extensions.remove::<Page>();
    asking.extensions.remove::<Kept>();
    let response = next.run(Request::from_parts(asking, Body::empty())).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if response.status() != StatusCode::OK || !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return None;
    }
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, LARGEST).await.ok()?;
    Some((head, String::from_utf8(bytes.to_vec()).ok()?))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The page of this hub that the form was on.
fn referer(parts: &Parts) -> Option<Uri> {
    let (_, rest) = text(&parts.headers, "referer")?.split_once("://")?;
    let start = rest.find('/')?;
    is_host(parts, &rest[..start]).then(|| rest[start..].parse().ok()).flatten()
}

fn is_host(parts: &Parts, host: &str) -> bool {
    let asked = text(&parts.headers, "host").or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let ours = parts.extensions.get::<std::sync::Arc<crate::Shell>>().map(|shell| shell.hub.settings.url.clone());
    let ours = ours.as_deref().and_then(|url| url.split_once("://")).map(|(_, rest)| rest.trim_end_matches('/'));
    asked.is_some_and(|asked| asked.eq_ignore_ascii_case(host))
        || ours.is_some_and(|ours| ours.eq_ignore_ascii_case(host))
}

/// Whether the form was sent by a page of another site (Fetch Metadata; RFC 6454 section 7).
fn is_foreign(parts: &Parts) -> bool {
    let site = text(&parts.headers, "sec-fetch-site");
    let origin = text(&parts.headers, "origin");
    site.is_some_and(|site| site != "same-origin" && site != "none")
        || origin.is_some_and(|origin| !is_host(parts, origin.split_once("://").map_or("", |(_, host)| host)))
}
