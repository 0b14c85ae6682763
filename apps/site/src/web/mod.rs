//! The pages of the sites, their feeds and maps, and what an administrator sees of the builds.

mod admin;
mod page;

use axum::Router;
use axum::routing::{get, post};

use crate::Sites;

/// All routes.
pub fn routes(sites: Sites) -> Router {
    let mut router = Router::new();
    for (number, site) in sites.sites.iter().enumerate() {
        let state = page::Stand { hub: sites.hub.clone(), site: site.clone() };
        let one = Router::new()
            .route(&format!("{}/", site.mount), get(page::first))
            .route(&format!("{}/{{*path}}", site.mount), get(page::any))
            .with_state(state);
        router = router.merge(one);
        if number == 0 {
            router = router.merge(page::map_route(&sites));
        }
    }
    let admin = Router::new()
        .route("/admin/sites", get(admin::list))
        .route("/admin/sites/{site}/build", post(admin::build))
        .route("/admin/sites/{site}/rollback", post(admin::roll_back))
        .with_state(sites);
    router.merge(admin)
}
