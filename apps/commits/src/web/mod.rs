//! The pages of repositories, pushes and commits, and the door for webhooks.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use kernel::Hub;
use web::limit::Limit;

use crate::Refusal;

mod admin;
mod commit;
mod feed;
mod hooks;
pub mod list;
mod push;
mod repository;
mod short;

/// What every handler of this app is given.
#[derive(Clone)]
pub struct Commits {
    pub hub: Hub,
    /// Webhooks whose secret was wrong, by client.
    pub strangers: Arc<Limit>,
}

/// The pages of this app.
pub fn routes(hub: &Hub) -> Router {
    let strangers = Arc::new(Limit::new("webhooks with a wrong secret", 30, Duration::from_secs(2)));
    Router::new()
        .route("/commits", get(|| async { web::see_other("/commits/") }))
        .route("/commits/", get(list::index))
        .route("/commits/.atom", get(feed::all))
        .route("/commits/{repository}", get(repository::slash))
        .route("/commits/{repository}/", get(repository::show))
        .route("/commits/{repository}/.atom", get(feed::one))
        .route("/commits/{repository}/branches", get(repository::branches))
        .route("/commits/{repository}/people", get(repository::people))
        .route("/commits/{repository}/pushes", get(push::list))
        .route("/commits/{repository}/pushes/{push}", get(push::show))
        .route("/commits/{repository}/{commit}", get(commit::show))
        .route("/c/{short}", get(short::find))
        .route("/hooks/{repository}", post(hooks::take).layer(DefaultBodyLimit::max(hooks::LARGEST)))
        .route("/admin/commits", get(admin::list).post(admin::add))
        .route("/admin/commits/retry", post(admin::retry))
        .route("/admin/commits/{repository}", get(admin::edit).post(admin::change))
        .route("/admin/commits/{repository}/token", post(admin::renew))
        .route("/admin/commits/{repository}/remove", post(admin::remove))
        .with_state(Commits { hub: hub.clone(), strangers })
}

impl From<Refusal> for web::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::People(refusal) => refusal.into(),
            Refusal::Asked(error) => Self::Internal(error.to_string()),
            Refusal::NoSuchRepository(_) => Self::NotFound(refusal.to_string()),
            Refusal::NotAllowed => Self::Forbidden(refusal.to_string()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

/// The repository of a name, when the visitor may see it.
pub async fn visible(page: &web::Page, name: &str) -> web::Result<crate::repository::Repository> {
    let found = crate::query::by_name(&page.hub().store.read(), name).await?;
    found
        .filter(|repository| page.actor().audiences().contains(&repository.audience))
        .ok_or_else(|| web::Error::no(format!("repository called {name}")))
}
