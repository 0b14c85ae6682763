//! The pages that belong to no app: the front door, activity, search, administration, health.

mod activity;
mod admin;
mod around;
pub mod checkup;
pub mod first;
pub mod health;
mod home;
pub mod metrics;
mod search;
mod settings;
mod sweep;
mod theme;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use journal::Dispatcher;
use kernel::Hub;
use plug::{Finder, Job, MenuEntry, Place};

use crate::config::Config;
use crate::doctor::SendAround;

/// What the handlers of these pages share.
#[derive(Clone)]
pub struct Pages {
    hub: Hub,
    /// The names of the modules that are on.
    modules: Arc<[&'static str]>,
    finders: Arc<[Arc<dyn Finder>]>,
    dispatcher: Arc<Dispatcher>,
}

/// The routes of the hub's own pages.
pub fn routes(
    hub: &Hub,
    modules: &[&'static str],
    finders: Vec<Arc<dyn Finder>>,
    dispatcher: Arc<Dispatcher>,
) -> Router {
    let pages = Pages { hub: hub.clone(), modules: modules.into(), finders: finders.into(), dispatcher };
    Router::new()
        .route("/", get(home::show))
        .route("/activity", get(activity::show))
        .route("/activity.atom", get(activity::feed))
        .route("/search", get(search::show))
        .route("/admin", get(admin::overview))
        .route("/admin/checkup", post(admin::look_again))
        .route("/admin/first-steps", post(first::dismiss))
        .route("/admin/mail", get(admin::mail))
        .route("/admin/mail/around", post(around::send))
        .route("/admin/mail/{id}", get(admin::mail_copy))
        .route("/admin/mail/{id}/retry", post(admin::mail_retry))
        .route("/admin/mail/{id}/drop", post(admin::mail_drop))
        .route("/admin/journal", get(admin::journal))
        .route("/admin/jobs", get(admin::jobs))
        .route("/admin/jobs/{id}/retry", post(admin::job_retry))
        .route("/admin/modules", get(settings::modules))
        .route("/admin/settings", get(settings::show))
        .route("/admin/theme", get(theme::overview))
        .route("/admin/theme/gallery", get(theme::gallery))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route("/robots.txt", get(health::robots))
        .with_state(pages)
}

/// The entries of the menu that belong to no app.
pub fn menu() -> Vec<MenuEntry> {
    let entry = |place, label, url: &str, order| MenuEntry { place, label, url: url.into(), order };
    vec![
        entry(Place::Top, "Activity", "/activity", 90),
        entry(Place::Admin, "Overview", "/admin", 0),
        entry(Place::Admin, "Mail", "/admin/mail", 70),
        entry(Place::Admin, "Journal", "/admin/journal", 80),
        entry(Place::Admin, "Jobs", "/admin/jobs", 90),
        entry(Place::Admin, "Modules", "/admin/modules", 92),
        entry(Place::Admin, "Settings", "/admin/settings", 93),
        entry(Place::Admin, "Theme", "/admin/theme", 95),
    ]
}

/// Work of the hub itself.
pub fn jobs(config: &Config) -> Vec<Arc<dyn Job>> {
    vec![Arc::new(sweep::SweepSessions), Arc::new(sweep::AnalyzeTables), Arc::new(SendAround(config.clone()))]
}
