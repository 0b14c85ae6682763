//! `/healthz` (the process answers), `/readyz` (the database does too), `/robots.txt`.

use axum::extract::State;
use http::StatusCode;
use sea_orm::{ConnectionTrait, Statement};

use super::Pages;

pub async fn alive() -> &'static str {
    "alive\n"
}

pub async fn ready(State(pages): State<Pages>) -> (StatusCode, String) {
    let conn = pages.hub.store.read();
    let asked = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), "SELECT 1")).await;
    match asked {
        Ok(_) => (StatusCode::OK, "ready\n".into()),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database does not answer; it is tried again with each request.\n".into(),
            )
        }
    }
}

pub async fn robots(State(pages): State<Pages>) -> String {
    format!(
        "User-agent: *\nDisallow: /admin\nDisallow: /search\nDisallow: /login\nSitemap: {}\n",
        pages.hub.url("/sitemap.xml")
    )
}
