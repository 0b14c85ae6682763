//! Static files of the theme, under names that change with their bytes.

use axum::Router;
use axum::extract::{Extension, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use std::sync::Arc;

use crate::{Error, Result, Shell};

/// The routes below `/static`.
pub fn routes() -> Router {
    Router::new().route("/static/{hash}/{*name}", get(file))
}

async fn file(Extension(shell): Extension<Arc<Shell>>, Path((hash, name)): Path<(String, String)>) -> Result<Response> {
    let asset = shell.hub.templates.theme().asset(&name).ok_or_else(|| Error::no("such file"))?;
    let kind = mime_guess::from_path(&name).first_or_octet_stream().to_string();
    // A page that was loaded before an upgrade still finds the file, but must not keep it.
    let cache = if asset.hash == hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, kind.as_str()), (header::CACHE_CONTROL, cache)];
    Ok((headers, asset.bytes.to_vec()).into_response())
}
