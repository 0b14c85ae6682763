//! Files of issues, sent so that no browser runs them, the mail of a message as it came, and the old way to a message.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use store::{BlobId, blobs};
use web::{Error, Result};

use super::here::Here;
use crate::{Tracker, query};

/// Kinds that a browser may show where they stand; everything else is saved.
const SHOWN: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"];

/// Sends a file of this tracker.
pub async fn send(State(tracker): State<Tracker>, here: Here, Path(path): Path<Vec<String>>) -> Result<Response> {
    let number = path.iter().rev().nth(1).and_then(|number| number.parse().ok());
    let number: i64 = number.ok_or_else(|| Error::no("such file"))?;
    let conn = tracker.hub.store.read();
    let file = query::file(&conn, &here.catalog, number).await?.filter(|file| !file.is_retired);
    let file = file.ok_or_else(|| Error::no("such file"))?;
    let bytes = blobs::get(&tracker.hub.store, &conn, &BlobId(file.blob.clone())).await?;
    let kind = file.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = SHOWN.contains(&kind.as_str());
    let kind = match kind.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        _ if shown => &kind,
        _ => "application/octet-stream",
    };
    let way = if shown { "inline" } else { "attachment" };
    let placed = format!("{way}; filename*=UTF-8''{}", web::urlpart(&file.name));
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, value(kind)),
        (header::CONTENT_DISPOSITION, value(&placed)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400")),
    ];
    Ok((headers, bytes).into_response())
}

/// Leads to a message on the page of its issue.
pub async fn message(State(tracker): State<Tracker>, here: Here, Path(path): Path<Vec<String>>) -> Result<Response> {
    let number: i64 = path.last().and_then(|number| number.parse().ok()).ok_or_else(|| Error::no("such message"))?;
    let conn = tracker.hub.store.read();
    let message = query::message(&conn, &here.catalog, number).await?;
    let issue = message.and_then(|message| message.issue_id).ok_or_else(|| Error::no("such message"))?;
    let issue = query::number_of(&conn, issue).await?.ok_or_else(|| Error::no("such message"))?;
    Ok(Redirect::permanent(&format!("{}#msg{number}", here.catalog.issue_path(issue))).into_response())
}

/// The bytes of the mail from which a message was made, as they came; its headers have addresses, so strangers are asked
/// to sign in.
pub async fn raw(State(tracker): State<Tracker>, here: Here, Path(path): Path<Vec<String>>) -> Result<Response> {
    let number = path.last().and_then(|number| number.parse().ok());
    let number: i64 = number.ok_or_else(|| Error::no("such message"))?;
    if !here.knows_addresses() {
        return Err(Error::SignIn);
    }
    let conn = tracker.hub.store.read();
    let message = query::message(&conn, &here.catalog, number).await?.filter(|message| !message.is_retired);
    let blob = message.and_then(|message| message.raw).ok_or_else(|| Error::no("mail of this message"))?;
    let bytes = blobs::get(&tracker.hub.store, &conn, &BlobId(blob)).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, bytes).into_response())
}
