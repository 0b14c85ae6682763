//! Roundup's addresses, which lead to ours for ever.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use web::{Error, Result};

use crate::{Tracker, query};

/// `/issues` without its slash.
pub async fn to_list(RawQuery(query): RawQuery) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("/issues/{query}")).into_response()
}

/// `/issue12`.
pub async fn issue(Path(number): Path<i64>) -> Response {
    Redirect::permanent(&format!("/issues/{number}")).into_response()
}

/// `/issue?@sort=activity&status=1`; Roundup shows every status where none is named.
pub async fn query(RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    if super::here::pairs(&query).iter().any(|(name, value)| name.ends_with("template") && value == "item") {
        return Redirect::permanent("/issues/new").into_response();
    }
    let all = if query.split('&').any(|pair| pair.starts_with("status=")) { "" } else { "state=all&" };
    Redirect::permanent(&format!("/issues/?{all}{query}")).into_response()
}

/// `/msg7`.
pub async fn message(Path(number): Path<i64>) -> Response {
    Redirect::permanent(&format!("/issues/msg/{number}")).into_response()
}

/// `/file3/name`, or `/file3`.
pub async fn file(State(tracker): State<Tracker>, Path(path): Path<Vec<String>>) -> Result<Response> {
    let number: i64 = path.first().and_then(|number| number.parse().ok()).ok_or_else(|| Error::no("such file"))?;
    let conn = tracker.hub.store.read();
    let catalog = tracker.catalogs.named(&conn, "").await?.ok_or_else(|| Error::no("such file"))?;
    let file = query::file(&conn, &catalog, number).await?.ok_or_else(|| Error::no("such file"))?;
    Ok(Redirect::permanent(&format!("/issues/files/{number}/{}", web::urlpart(&file.name))).into_response())
}
