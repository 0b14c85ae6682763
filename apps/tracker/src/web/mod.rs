//! The pages of the tracker.

mod fields;
mod file;
mod form;
mod held;
mod here;
mod legacy;
mod list;
mod machine;
mod new;
mod queries;
mod settings;
mod show;
mod update;

use axum::Router;
use axum::routing::{get, post};

use crate::Tracker;

pub(crate) use show::Wholes;

/// The routes; those of the default tracker stand at `/issues/`, those of others at `/issues/NAME/`.
pub fn routes(tracker: Tracker) -> Router {
    let mut router = Router::new()
        .route("/issues", get(legacy::to_list))
        .route("/issues.atom", get(machine::atom))
        .route("/issues.csv", get(machine::csv))
        .route("/issues.json", get(machine::json))
        .route("/issues/", get(list::list))
        .route("/issues/leave/{token}", get(update::leaving).post(update::leave_by_link))
        .route("/issues/{a}", get(show::show).post(update::update))
        .route("/issues/{a}/", get(list::list))
        .route("/issues/{a}/{b}", get(show::show).post(update::update))
        .route("/issue", get(legacy::query))
        .route("/issue{number}", get(legacy::issue))
        .route("/msg{number}", get(legacy::message))
        .route("/file{number}", get(legacy::file))
        .route("/file{number}/{name}", get(legacy::file));
    for base in ["/issues", "/issues/{a}"] {
        let at = |path: &str| format!("{base}/{path}");
        router = router
            .route(&at("new"), get(new::blank).post(new::create))
            .route(&at("files/{number}/{name}"), get(file::send))
            .route(&at("msg/{number}"), get(file::message))
            .route(&at("msg/{number}/raw"), get(file::raw))
            .route(&at("queries"), get(queries::list).post(queries::save))
            .route(&at("queries/{number}/remove"), post(queries::remove))
            .route(&at("held"), get(held::list))
            .route(&at("held/{number}"), post(held::decide))
            .route(&at("settings"), get(settings::show).post(settings::save))
            .route(&at("settings/items"), post(settings::item));
    }
    for base in ["/issues/{a}", "/issues/{a}/{b}"] {
        let at = |path: &str| format!("{base}/{path}");
        router = router
            .route(&at("follow"), post(update::follow))
            .route(&at("leave"), post(update::leave))
            .route(&at("retire"), post(update::retire))
            .route(&at("restore"), post(update::restore));
    }
    router.with_state(tracker)
}
