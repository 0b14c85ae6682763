//! `/healthz` (the process answers), `/readyz` (the database does too), `/robots.txt`.

use axum::extract::State;
use http::StatusCode;
use kernel::Hub;
use sea_orm::{ConnectionTrait, Statement};
use sha2::{Digest, Sha256};

use super::Pages;

/// The field of `/healthz` that tells one hub from another.
pub const NAME: &str = "guildhall-hub";

/// What all processes on the same data say there, and nobody else.
pub fn name(hub: &Hub) -> String {
    let mut name = hex::encode(Sha256::digest([b"the name of ", hub.settings.secret.as_slice()].concat()));
    name.truncate(16);
    name
}

pub async fn alive(State(pages): State<Pages>) -> ([(&'static str, String); 1], &'static str) {
    ([(NAME, name(&pages.hub))], "alive\n")
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
